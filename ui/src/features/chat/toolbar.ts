/** Makes the buttons of a toolbar one tab stop; the arrow keys go from one to the next. */
export function toolbar(bar: HTMLElement): () => void {
  const buttons = () =>
    [...bar.querySelectorAll<HTMLButtonElement>('button')].filter(
      (button) => !button.disabled && !button.closest('[role="menu"], [role="dialog"]'),
    );

  function mark(one: HTMLButtonElement | undefined): void {
    for (const button of buttons()) {
      const index = button === one ? 0 : -1;
      if (button.tabIndex !== index) button.tabIndex = index;
    }
  }

  /** Buttons come and go; one of them can always be reached. */
  function review(): void {
    const all = buttons();
    mark(
      all.find((button) => button === document.activeElement) ??
        all.find(({ tabIndex }) => tabIndex === 0) ??
        all[0],
    );
  }

  function keys(event: KeyboardEvent): void {
    const all = buttons();
    const at = all.indexOf(event.target as HTMLButtonElement);
    if (at < 0 || event.altKey || event.ctrlKey || event.metaKey) return;
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: all.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    all[(to + all.length) % all.length]?.focus();
  }

  const focused = (event: FocusEvent) => {
    const button = buttons().find((known) => known === event.target);
    if (button) mark(button);
  };

  const all = buttons();
  for (const button of all) button.tabIndex = button === all[0] ? 0 : -1;
  const changes = new MutationObserver(review);
  changes.observe(bar, { childList: true, subtree: true, attributeFilter: ['disabled'] });
  bar.addEventListener('keydown', keys);
  bar.addEventListener('focusin', focused);
  return () => {
    changes.disconnect();
    bar.removeEventListener('keydown', keys);
    bar.removeEventListener('focusin', focused);
  };
}
