// The panel of actors and kinds: which are shown, and the order of the lanes; and the heads of the lanes.

const LANE_HEADS = { dense: 'upright', normal: 'upright', wide: 'level' };

function renderPanel() {
  fillList(byId('actors'), state.order.map((text) => actors.find((actor) => actor.text === text)), state.hiddenActors, true);
  const sorted = [...kinds].sort((one, other) => other.records - one.records);
  fillList(byId('kinds'), sorted, state.hiddenKinds, false);
}

function fillList(list, entries, hidden, isOrdered) {
  const rows = entries.map((entry, at) => {
    const name = texts[entry.text];
    const box = element('input', { type: 'checkbox', checked: hidden.has(entry.text) ? null : '' });
    box.addEventListener('change', () => {
      if (box.checked) hidden.delete(entry.text);
      else hidden.add(entry.text);
      refresh();
    });
    const label = element('label', { title: name }, box, element('span', { class: 'name' }, name), element('span', { class: 'count' }, entry.records.toLocaleString('en')));
    const only = element('button', { type: 'button', 'aria-label': `Show only ${name}` }, 'only');
    only.addEventListener('click', () => {
      entries.forEach(({ text }) => hidden.add(text));
      hidden.delete(entry.text);
      refresh();
      renderPanel();
    });
    const row = element('li', {}, label, only);
    if (isOrdered) row.append(moveButton(at, -1, name), moveButton(at, 1, name));
    return row;
  });
  list.replaceChildren(...rows);
}

function moveButton(at, step, name) {
  const word = step < 0 ? 'up' : 'down';
  const button = element('button', { type: 'button', 'aria-label': `Move the lane of ${name} ${step < 0 ? 'left' : 'right'}` }, step < 0 ? '↑' : '↓');
  button.disabled = at + step < 0 || at + step >= state.order.length;
  button.dataset.move = word;
  button.addEventListener('click', () => {
    moveLane(at, at + step);
    byId('actors').children[at + step]?.querySelector(`[data-move="${word}"]`)?.focus();
  });
  return button;
}

function moveLane(from, to) {
  const [actor] = state.order.splice(from, 1);
  state.order.splice(to, 0, actor);
  refresh();
  renderPanel();
}

function showAll() {
  state.hiddenActors.clear();
  state.hiddenKinds.clear();
  refresh();
  renderPanel();
}

/** The heads of the lanes: one button an actor, which searches for it, and can be dragged to another place. */
function renderLaneHeads() {
  const width = LANE_WIDTH[state.zoom];
  document.documentElement.style.setProperty('--lane-width', `${width}px`);
  document.documentElement.style.setProperty('--all-lanes', `${lanesWidth()}px`);
  for (const side of sides) {
    const heads = byId(`lanes-${side}`);
    heads.className = `lane-heads ${LANE_HEADS[state.zoom]}`;
    const buttons = view.lanes.map((actor, lane) => laneHead(actor, lane));
    heads.firstElementChild.replaceChildren(...buttons);
  }
  placeLaneHeads();
}

function laneHead(actor, lane) {
  const name = texts[actor];
  const button = element('button', { type: 'button', title: `${name}: click to find it, drag to move its lane`, 'aria-label': `Find ${name}` }, element('span', { class: 'name' }, name));
  button.draggable = true;
  button.addEventListener('click', () => search(`actor:${quoted(name)}`));
  button.addEventListener('dragstart', (event) => event.dataTransfer.setData('text/plain', String(actor)));
  button.addEventListener('dragover', (event) => event.preventDefault());
  button.addEventListener('drop', (event) => {
    event.preventDefault();
    const from = state.order.indexOf(Number(event.dataTransfer.getData('text/plain')));
    if (from >= 0) moveLane(from, state.order.indexOf(view.lanes[lane]));
  });
  return button;
}

function quoted(name) {
  return /[\s"]/.test(name) ? `"${name.replaceAll('"', '*')}"` : name;
}

/** Moves the heads along when the lanes are scrolled sideways. */
function placeLaneHeads() {
  const { scrollLeft } = byId('lane-scroll');
  for (const side of sides) byId(`lanes-${side}`).firstElementChild.style.transform = `translateX(${-scrollLeft}px)`;
}
