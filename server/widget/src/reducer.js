// Folds a thread's stream of events into what the thread is. Pure: states are never changed.

/** A conversation before its first event. */
export const emptyState = Object.freeze({
  thread: null,
  items: Object.freeze([]),
  /** Ids of items that were added and are not done. */
  unfinished: Object.freeze([]),
  progress: null,
  notices: Object.freeze([]),
  error: null,
  canStop: true,
});

/** Return the state after one event. Events and updates of unknown types change nothing. */
export function reduce(state, event) {
  switch (event.type) {
    case "thread.created":
    case "thread.updated":
      return { ...state, thread: describeThread(event.thread) };
    case "stream_options":
      return { ...state, canStop: event.stream_options.allow_cancel };
    case "thread.item.added":
      return { ...putItem(state, event.item), unfinished: [...without(state.unfinished, event.item.id), event.item.id] };
    case "thread.item.done":
    case "thread.item.replaced":
      return { ...putItem(state, event.item), unfinished: without(state.unfinished, event.item.id) };
    case "thread.item.removed":
      return {
        ...state,
        items: state.items.filter((item) => item.id !== event.item_id),
        unfinished: without(state.unfinished, event.item_id),
      };
    case "thread.item.updated":
      return {
        ...state,
        // Text on its way says more than what was being done before it.
        progress: event.update.type === "assistant_message.content_part.text_delta" ? null : state.progress,
        items: state.items.map((item) => (item.id === event.item_id ? updateItem(item, event.update) : item)),
      };
    case "progress_update":
      return { ...state, progress: { icon: event.icon ?? null, text: event.text } };
    case "notice":
      return { ...state, notices: [...state.notices, { level: event.level, title: event.title ?? null, message: event.message }] };
    case "error":
      return { ...state, progress: null, error: { message: event.message ?? null, allowRetry: event.allow_retry === true } };
    default:
      return state;
  }
}

/** Keep of a thread what the widget shows; its items come by events and lists of their own. */
export function describeThread({ id, title = null, status = { type: "active" }, allowed_image_domains = [] }) {
  return { id, title, status, imageDomains: allowed_image_domains };
}

function without(ids, id) {
  return ids.filter((other) => other !== id);
}

function putItem(state, item) {
  const known = state.items.some((other) => other.id === item.id);
  return {
    ...state,
    items: known ? state.items.map((other) => (other.id === item.id ? item : other)) : [...state.items, item],
  };
}

function updateItem(item, update) {
  switch (update.type) {
    case "assistant_message.content_part.added":
      return updatePart(item, update, () => ({ annotations: [], ...update.content }));
    case "assistant_message.content_part.text_delta":
      return updatePart(item, update, (part) => ({ ...part, text: part.text + update.delta }));
    case "assistant_message.content_part.annotation_added":
      return updatePart(item, update, (part) => ({
        ...part,
        annotations: part.annotations.toSpliced(update.annotation_index, 0, update.annotation),
      }));
    case "assistant_message.content_part.done":
      // A server may leave the annotations out here and send them again with the whole item.
      return updatePart(item, update, (part) => ({
        ...update.content,
        annotations: update.content.annotations?.length ? update.content.annotations : part.annotations,
      }));
    case "widget.root.updated":
      return { ...item, widget: update.widget };
    case "widget.component.updated":
      return { ...item, widget: updateComponent(item.widget, update.component_id, () => update.component) };
    case "widget.streaming_text.value_delta":
      return {
        ...item,
        widget: updateComponent(item.widget, update.component_id, (component) => ({
          ...component,
          value: (component.value ?? "") + update.delta,
          streaming: !update.done,
        })),
      };
    case "workflow.task.added":
    case "workflow.task.updated":
      return { ...item, workflow: { ...item.workflow, tasks: withEntry(item.workflow.tasks, update.task_index, update.task) } };
    case "generated_image.updated":
      return { ...item, image: update.image };
    default:
      return item;
  }
}

function updatePart(item, { content_index: index }, change) {
  const part = item.content[index] ?? { type: "output_text", text: "", annotations: [] };
  return { ...item, content: withEntry(item.content, index, change({ annotations: [], ...part })) };
}

function withEntry(entries, index, entry) {
  const copy = [...entries];
  copy[index] = entry;
  return copy;
}

function updateComponent(component, id, change) {
  if (component.id === id) return change(component);
  if (!Array.isArray(component.children)) return component;
  return { ...component, children: component.children.map((child) => updateComponent(child, id, change)) };
}
