// On paper: the rows around what is in sight, all of them elements, with the diagram in pieces.

/** How many rows are printed; what is more is said in the last line. */
const PRINT_ROWS = 2000;
/** How many rows a piece of the diagram has: a canvas has a limit, and a page ends somewhere. */
const PRINT_PIECE = 40;

function printRows() {
  const rows = view.visible.length;
  const place = Math.max(selectedPlace(), 0);
  const first = rows <= PRINT_ROWS ? 0 : Math.min(Math.max(place - PRINT_ROWS / 2, 0), rows - PRINT_ROWS);
  const end = Math.min(first + PRINT_ROWS, rows);
  const pieces = [];
  const theme = document.documentElement.dataset.theme;
  // Ink on white, whatever the screen has.
  document.documentElement.dataset.theme = 'light';
  readColours();
  for (let from = first; from < end; from += PRINT_PIECE) pieces.push(printPiece(from, Math.min(from + PRINT_PIECE, end)));
  if (theme === undefined) delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  readColours();
  const note = end - first < rows ? `Printed are rows ${first + 1} to ${end} of ${rows}. Filters choose others.` : '';
  byId('print').replaceChildren(printHeads(), ...pieces, element('p', {}, note));
}

function printHeads() {
  const names = view.lanes.map((actor) => texts[actor]).join(', ');
  return element('p', {}, `Lanes from left to right: ${names}.`);
}

function printPiece(first, end) {
  const height = (end - first) * ROW_HEIGHT[state.zoom];
  const piece = element('div', { class: 'piece' });
  piece.style.height = `${height}px`;
  const canvas = element('canvas');
  const frame = { width: byId('lanes-0').clientWidth, scroll: byId('lane-scroll').scrollLeft };
  const context = prepared(canvas, isComparison ? frame.width * 2 + GUTTER : frame.width, height);
  drawDiagram(context, first, end, frame);
  piece.append(element('div', { class: 'heads overlay' }, canvas));
  for (let place = first; place < end; place++) {
    const row = makeRow(place);
    row.removeAttribute('id');
    row.style.top = `${(place - first) * ROW_HEIGHT[state.zoom]}px`;
    piece.append(row);
  }
  return piece;
}
