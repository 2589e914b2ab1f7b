// What a page with two traces has in addition: counts of differences, steps from one to the next, both sides of a pair.

/** The records of both sides that belong to the selection; 0 where there is none. */
function recordsOfBothSides() {
  const other = counterpartOf(state.side, state.record);
  return state.side === 0 ? [state.record, other] : [other, state.record];
}

function comparisonHead(records) {
  const item = itemOf[state.side][state.record];
  if (item === items.divergence || isAtDivergence(records)) return [element('p', { class: 'verdict' }, divergenceText(item, records))];
  return [element('p', { class: 'verdict' }, markText(item, records))];
}

function isAtDivergence(records) {
  return items.divergence !== null && recordsAtDivergence().every((record, side) => record === records[side]);
}

function divergenceText(item, records) {
  if (items.mark[item] === CHANGED) return `The first difference. ${markText(item, records)}`;
  const [left, right] = records.map((record, side) => {
    if (record === 0) return 'ran nothing more';
    return `${isEvent(traces[side], record) ? 'ran' : 'noted'} ${nameText(traces[side], record)}`;
  });
  return `The first difference: A ${left}, B ${right}.`;
}

function markText(item, [left, right]) {
  switch (items.mark[item]) {
    case SAME: return 'The same in A and B.';
    case CHANGED: return 'In both, but not the same. What differs is marked.';
    case ONLY_LEFT: return 'Only in A.';
    case ONLY_RIGHT: return 'Only in B.';
    default: return `Ran elsewhere in the order: it is number ${left} in A and number ${right} in B.`;
  }
}

/** The counts in the head of the page, and the buttons that step through the differences. */
function renderComparisonBar() {
  const bar = byId('comparison');
  bar.hidden = !isComparison;
  if (!isComparison) return;
  const counts = [0, 0, 0, 0, 0, 0];
  for (const mark of items.mark) counts[mark]++;
  const moved = counts[MOVED_LEFT];
  const parts = [
    [CHANGED, `${counts[CHANGED]} changed`],
    [MOVED_LEFT, `${moved} moved`],
    [ONLY_LEFT, `${counts[ONLY_LEFT]} only in A`],
    [ONLY_RIGHT, `${counts[ONLY_RIGHT]} only in B`],
  ];
  const list = parts.map(([mark, text]) => element('span', { class: `count mark-${MARK_CLASSES[mark]}` }, element('b', {}, MARK_SIGNS[mark]), ` ${text}`));
  const names = sides.map((side) => element('span', { class: 'source' }, element('span', { class: 'letter' }, letterOf(side)), ` ${traces[side].name}`));
  bar.replaceChildren(...names, ...list, `${counts[SAME]} the same`);
}

/** Selects the next row that differs, or the one before. */
function stepDifference(direction) {
  const differs = (item) => items.mark[item] !== SAME;
  const start = selectedPlace();
  for (let place = start + direction; place >= 0 && place < view.visible.length; place += direction) {
    // Of neighbours that differ, the first is enough.
    if (differs(view.visible[place]) && (place === 0 || !differs(view.visible[place - 1]))) {
      selectPlace(place, 'jump');
      return;
    }
  }
  say('No more differences.');
}

/** Opens the page where the two sides part. */
function selectDivergence() {
  if (items.divergence === null) return;
  const [left, right] = recordsAtDivergence();
  const side = items.shown[0][items.divergence] > 0 || right === 0 ? 0 : 1;
  const record = items.shown[side][items.divergence] || [left, right][side];
  if (record > 0) select(side, record, 'centre');
}
