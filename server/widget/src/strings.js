// Every word that the widget itself says. A site overrides any of them by `element.strings`.

export const defaultStrings = Object.freeze({
  title: "Ask the docs",
  launcher: "Ask the docs",
  close: "Close",
  placeholder: "Ask a question…",
  question: "Your question",
  send: "Send",
  stop: "Stop answering",
  conversation: "Conversation",
  welcome: "What would you like to know?",
  introduction: "Answers are drawn from the documentation and show where each part comes from.",
  caution: "Answers can be mistaken. The sources have the last word.",
  newConversation: "New conversation",
  history: "Past conversations",
  back: "Back to the conversation",
  untitled: "Conversation",
  noHistory: "There are no past conversations yet.",
  more: "Show more",
  unfold: "Show in full",
  less: "Show less",
  earlier: "Show earlier messages",
  remove: "Delete “{title}”",
  confirmRemove: "Delete?",
  you: "You asked",
  assistant: "Answer",
  working: "Working on it…",
  stopped: "You stopped this answer.",
  retry: "Try again",
  copy: "Copy",
  copied: "Copied",
  copyAnswer: "Copy the answer",
  helpful: "This answer helped",
  unhelpful: "This answer did not help",
  thanks: "Thank you for telling.",
  source: "Source {number}: {title}",
  sources: "Sources",
  pages: "Pages of the docs",
  pagesFound: "{count} pages found. Choose with the arrow keys.",
  attach: "Attach files",
  files: "Files",
  removeFile: "Remove {name}",
  uploading: "Sending {name}",
  tooManyFiles: "A message can carry {count} files.",
  fileEmpty: "“{name}” is empty.",
  fileTooLarge: "“{name}” is too large: a file may have {size}.",
  fileType: "“{name}” can’t be attached: text, images and PDF can.",
  fileFailed: "“{name}” could not be attached. {reason}",
  askAbout: "Ask about this",
  removeQuote: "Remove the quotation",
  thinking: "Thinking…",
  thoughtFor: "Thought for {time}",
  oneStep: "1 step",
  steps: "{count} steps",
  answerForm: "Continue",
  skipForm: "Skip",
  skipped: "Skipped",
  otherAnswer: "Something else",
  openPage: "Open “{title}”",
  opened: "Opened “{title}”",
  generatedImage: "A generated image",
  latest: "Go to the latest message",
  codeBlock: "Code",
  offline: "The assistant can't be reached. Check your connection and try again.",
  cutOff: "The answer was cut off before it was complete.",
  failed: "Something went wrong while answering. Please try again.",
  busy: "Too many questions at once. Please wait a moment and try again.",
  busyFor: "Too many questions at once. Please try again in {time}.",
  historyFailed: "The past conversations could not be loaded.",
  removeFailed: "The conversation could not be deleted.",
  closed: "This conversation is closed.",
  second: "1 second",
  seconds: "{count} seconds",
  minutes: "{count} minutes",
});

/** Fill the `{name}` places of a string. */
export function fill(template, values) {
  return template.replace(/\{(\w+)\}/g, (place, name) => values[name] ?? place);
}

/** Say a span of time in whole seconds, or in minutes from two minutes on. */
export function describeSeconds(seconds, strings) {
  if (seconds <= 1) return strings.second;
  return seconds < 120
    ? fill(strings.seconds, { count: Math.ceil(seconds) })
    : fill(strings.minutes, { count: Math.ceil(seconds / 60) });
}
