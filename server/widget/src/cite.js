// Puts citations into a parsed message, behind the words that they stand behind in its source.

/** Add each of the citations `{at, number, source}`, by ascending `at`, to the blocks. */
export function placeCitations(blocks, citations) {
  // From the last to the first, so that those at one position keep their order.
  for (const citation of citations.toReversed()) placeInBlocks(blocks, { type: "citation", ...citation });
}

function placeInBlocks(blocks, citation) {
  const index = Math.max(0, blocks.findLastIndex(({ start }) => start < citation.at));
  const block = blocks[index];
  if (block === undefined) {
    blocks.push({ type: "paragraph", children: [citation], start: citation.at, end: citation.at });
    return;
  }
  switch (block.type) {
    case "paragraph":
    case "heading":
    case "cell":
      placeInline(block.children, citation);
      break;
    case "code":
      // Nothing can be written into code, so it is cited as a whole.
      (block.citations ??= []).unshift(citation);
      break;
    case "rule":
      blocks.splice(index, 0, { type: "paragraph", children: [citation], start: block.start, end: block.start });
      break;
    default:
      placeInBlocks(block.children, citation);
  }
}

function placeInline(nodes, citation) {
  const index = nodes.findLastIndex((node) => node.type !== "citation" && node.start < citation.at);
  const node = nodes[index];
  if (node === undefined) {
    nodes.unshift(citation);
  } else if (citation.at >= node.end || !isDivisible(node)) {
    nodes.splice(index + 1, 0, citation);
  } else if (node.type === "text") {
    const cut = citation.at - node.start;
    const [left, right] = [node.value.slice(0, cut), node.value.slice(cut)];
    nodes.splice(index, 1, { ...node, value: left, end: citation.at }, citation, { ...node, value: right, start: citation.at });
  } else {
    placeInline(node.children, citation);
  }
}

/** Text that stands for other characters, code and links take a citation behind them. */
function isDivisible(node) {
  return node.type === "text" ? !node.whole : ["strong", "emphasis", "strike"].includes(node.type);
}
