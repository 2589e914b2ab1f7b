// The strip beside the rows: the whole run at once. From left to right: instants, ties, what is found, and in a comparison
// what differs.

const overview = byId('overview');
const STRIP = { width: 76, instants: 2, ties: 12, found: 40, marks: 54, end: 74 };

function renderOverview() {
  const height = overview.parentElement.clientHeight;
  const context = prepared(overview, STRIP.width, height);
  const rows = view.visible.length;
  if (rows === 0) return;
  // A short run does not fill the strip: its rows are not made higher than 3 pixels.
  const scale = Math.min(height / rows, 3);
  drawInstants(context, scale);
  drawTies(context, scale, height);
  context.fillStyle = colours.accent;
  for (const place of view.foundPlaces) context.fillRect(STRIP.found, place * scale, 10, Math.max(scale, 1.5));
  if (isComparison) drawDifferences(context, scale);
  drawWindow(context, scale);
}

/** A line at each new instant, as long as there is room between them. */
function drawInstants(context, scale) {
  context.fillStyle = colours.faint;
  let [last, lastY] = [-1, -4];
  view.visible.forEach((item, place) => {
    const record = items.shown[0][item];
    if (record === 0 || traces[0].instantOf[record] === last) return;
    last = traces[0].instantOf[record];
    if (place * scale < lastY + 3) return;
    lastY = place * scale;
    context.fillRect(STRIP.instants, Math.round(lastY), 8, 1);
  });
}

/** A bar a line: the share of its rows that are ties. */
function drawTies(context, scale, height) {
  const lines = Math.ceil(Math.min(view.visible.length * scale, height)) + 1;
  const [ties, all] = [new Uint32Array(lines), new Uint32Array(lines)];
  view.visible.forEach((item, place) => {
    const at = Math.floor(place * scale);
    all[at]++;
    if (sides.some((side) => items.shown[side][item] > 0 && isTie(traces[side], items.shown[side][item]))) ties[at]++;
  });
  context.fillStyle = colours.tie;
  ties.forEach((count, at) => {
    if (count > 0) context.fillRect(STRIP.ties, at, Math.max((24 * count) / all[at], 5), Math.max(Math.min(scale, 2), 1));
  });
}

function drawDifferences(context, scale) {
  const fill = ['', colours.tie, colours.moved, colours.moved, colours.left, colours.right];
  view.visible.forEach((item, place) => {
    const mark = items.mark[item];
    if (mark === SAME) return;
    context.fillStyle = fill[mark];
    const isRight = mark === MOVED_RIGHT || mark === ONLY_RIGHT;
    const isLeft = mark === MOVED_LEFT || mark === ONLY_LEFT;
    context.fillRect(isRight ? STRIP.marks + 10 : STRIP.marks, place * scale, isLeft || isRight ? 9 : 19, Math.max(scale, 1.5));
  });
}

/** A frame around what is in sight, and a line with a handle where the selection is. */
function drawWindow(context, scale) {
  const row = ROW_HEIGHT[state.zoom];
  context.strokeStyle = colours.ink;
  context.lineWidth = 1;
  const height = Math.max((list.clientHeight / row) * scale, 5);
  context.strokeRect(0.5, Math.round((list.scrollTop / row) * scale) + 0.5, STRIP.width - 1, height);
  const place = selectedPlace();
  if (place < 0) return;
  const y = (place + 0.5) * scale;
  context.fillStyle = colours.accent;
  context.fillRect(0, y - 1, STRIP.width, 2);
  context.beginPath();
  context.moveTo(0, y - 5);
  context.lineTo(8, y);
  context.lineTo(0, y + 5);
  context.fill();
}

/** Scrolls to where the strip was pressed. */
function scrollByOverview(event) {
  const { top, height } = overview.getBoundingClientRect();
  const rows = view.visible.length;
  const scale = Math.min(height / Math.max(rows, 1), 3);
  const place = (event.clientY - top) / scale;
  list.scrollTop = place * ROW_HEIGHT[state.zoom] - list.clientHeight / 2;
}
