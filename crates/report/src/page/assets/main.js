// Brings the parts together: what happens after a change, and what the controls do.

/** Shows everything anew: after a change of filters, search, order or size. */
function refresh() {
  const anchor = anchorOfView();
  updateView();
  renderLaneHeads();
  renderAll();
  restoreAnchor(anchor);
  refreshRows();
  renderControls();
  renderOverview();
  writeAddress(false);
}

/** What stays where it is while rows come and go: the selection if it is in sight, else the row at the top. */
function anchorOfView() {
  const height = Number.parseFloat(getComputedStyle(document.documentElement).getPropertyValue('--row')) || 1;
  const top = Math.floor(list.scrollTop / height);
  const selected = selectedPlace();
  const isInSight = selected >= top && selected * height < list.scrollTop + list.clientHeight;
  const place = isInSight ? selected : top;
  return { item: view.visible[place] ?? 0, offset: place * height - list.scrollTop };
}

function restoreAnchor({ item, offset }) {
  const place = lowerBound(view.visible, item);
  list.scrollTop = place * ROW_HEIGHT[state.zoom] - offset;
  renderRows();
}

/** Selects a record. How it came about says whether the browser's history gets an entry, and where the row stands. */
function select(side, record, how) {
  setSelection(side, record);
  const place = selectedPlace();
  if (place >= 0) scrollToPlace(place, how === 'centre' ? 'middle' : 'near');
  if (record > 0) scrollToLane(traces[side], record);
  refreshRows();
  renderDetails();
  renderOverview();
  writeAddress(how === 'jump');
  if (record > 0) {
    const isHidden = itemOf[side][record] < 0 || view.placeOf[itemOf[side][record]] < 0;
    say(sentence(traces[side], record) + (isHidden ? '; hidden by a filter' : ''));
  }
  byId('hidden-note').hidden = !(record > 0 && view.placeOf[itemOf[side][record]] < 0);
}

/** Selects what stands in a row: on the side that was selected, if it has a record there. */
function selectPlace(place, how) {
  const item = view.visible[place];
  const side = items.shown[state.side][item] > 0 ? state.side : 1 - state.side;
  select(side, items.shown[side][item], how);
}

/** Tells screen readers, and shows in the line at the foot. */
function say(text) {
  byId('status').textContent = text;
}

function search(query) {
  state.query = query;
  byId('search').value = query;
  refresh();
  if (view.found && view.foundPlaces.length > 0 && !isSelectionFound()) {
    const next = lowerBound(view.foundPlaces, Math.max(selectedPlace(), firstInSight()));
    scrollToPlace(view.foundPlaces[next % view.foundPlaces.length], 'near');
  }
}

function isSelectionFound() {
  const place = selectedPlace();
  return place >= 0 && view.found[view.visible[place]] === 1;
}

function toggle(flag) {
  state[flag] = !state[flag];
  refresh();
}

function cycle(key, values) {
  state[key] = values[(values.indexOf(state[key]) + 1) % values.length];
  refresh();
}

function togglePanel() {
  const panel = byId('panel');
  panel.hidden = !panel.hidden;
  byId('panel-button').setAttribute('aria-expanded', !panel.hidden);
  if (!panel.hidden) renderPanel();
  refresh();
}

function toggleTheme() {
  const root = document.documentElement;
  const isDark = root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  root.dataset.theme = isDark ? 'light' : 'dark';
  afterTheme();
}

function afterTheme() {
  readColours();
  renderDiagram();
  renderOverview();
}

/** Brings buttons and counts up to the state. */
function renderControls() {
  for (const [id, isOn] of [['only-matches', state.onlyMatches], ['only-events', state.onlyEvents], ['only-differences', state.onlyDifferences]]) {
    byId(id).checked = isOn;
  }
  byId('zoom').value = state.zoom;
  byId('arrows').value = state.arrows;
  if (document.activeElement !== byId('search')) byId('search').value = state.query;
  const found = view.found ? view.found.reduce((sum, isFound) => sum + isFound, 0) : 0;
  byId('found').textContent = view.found ? (found === 0 ? 'nothing found' : `${found.toLocaleString('en')} found`) : '';
  const hidden = items.count - view.visible.length;
  byId('rows').textContent = counted(view.visible.length, 'row') + (hidden > 0 ? `, ${hidden.toLocaleString('en')} hidden` : '');
}

/** Starts over from what the address says. */
function openAddress() {
  readAddress(window.location.hash);
  byId('search').value = state.query;
  updateView();
  renderLaneHeads();
  renderAll();
  if (!byId('panel').hidden) renderPanel();
  const place = selectedPlace();
  if (place >= 0) scrollToPlace(place, 'middle');
  if (state.record > 0) scrollToLane(traces[state.side], state.record);
  refreshRows();
  renderDetails();
  renderControls();
  renderOverview();
}

/** At most once for each picture the screen shows. */
function oncePerFrame(action) {
  let isWaiting = false;
  return () => {
    if (isWaiting) return;
    isWaiting = true;
    requestAnimationFrame(() => {
      isWaiting = false;
      action();
    });
  };
}

function connectList() {
  list.addEventListener('scroll', oncePerFrame(() => {
    renderRows();
    renderOverview();
  }));
  list.addEventListener('click', (event) => {
    const row = event.target.closest('.row');
    if (!row || String(window.getSelection())) return;
    const item = view.visible[Number(row.dataset.place)];
    const wanted = Number(event.target.closest('[data-side]')?.dataset.side ?? state.side);
    const side = items.shown[wanted][item] > 0 ? wanted : 1 - wanted;
    select(side, items.shown[side][item], 'jump');
  });
  byId('lane-scroll').addEventListener('scroll', oncePerFrame(() => {
    placeLaneHeads();
    renderDiagram();
  }));
  const drag = (event) => {
    if (event.buttons === 1) scrollByOverview(event);
  };
  overview.addEventListener('pointerdown', (event) => {
    overview.setPointerCapture(event.pointerId);
    drag(event);
  });
  overview.addEventListener('pointermove', drag);
}

function connectControls() {
  let timer = 0;
  byId('search').addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(() => search(byId('search').value), 120);
  });
  byId('search').addEventListener('keydown', (event) => {
    if (event.key === 'Escape') list.focus();
    if (event.key !== 'Enter') return;
    clearTimeout(timer);
    search(byId('search').value);
    stepFound(event.shiftKey ? -1 : 1);
  });
  byId('next').addEventListener('click', () => stepFound(1));
  byId('previous').addEventListener('click', () => stepFound(-1));
  for (const [id, flag] of [['only-matches', 'onlyMatches'], ['only-events', 'onlyEvents'], ['only-differences', 'onlyDifferences']]) {
    byId(id).addEventListener('change', () => toggle(flag));
  }
  for (const key of ['zoom', 'arrows']) {
    byId(key).addEventListener('change', (event) => {
      state[key] = event.target.value;
      refresh();
    });
  }
  byId('panel-button').addEventListener('click', togglePanel);
  byId('theme-button').addEventListener('click', toggleTheme);
  byId('help-button').addEventListener('click', () => byId('help').showModal());
  byId('show-all').addEventListener('click', showAll);
}

function connectWindow() {
  document.addEventListener('keydown', onKey);
  window.addEventListener('popstate', openAddress);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', afterTheme);
  new ResizeObserver(oncePerFrame(() => {
    document.documentElement.style.setProperty('--bar', `${list.offsetWidth - list.clientWidth}px`);
    shownRange.end = -1;
    renderRows();
    renderOverview();
  })).observe(list);
  window.addEventListener('beforeprint', printRows);
  window.addEventListener('afterprint', () => byId('print').replaceChildren());
}

function start() {
  document.documentElement.classList.add(isComparison ? 'comparison' : 'single');
  readColours();
  fitColumns();
  renderHelp();
  renderComparisonBar();
  connectList();
  connectControls();
  connectWindow();
  openAddress();
  if (isComparison && state.record === 0) selectDivergence();
  list.focus({ preventScroll: true });
}

start();
