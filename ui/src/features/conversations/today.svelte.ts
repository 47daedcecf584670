import { dayStart, nextDay } from '$lib/days/groups';

/** The midnight the present day began with. */
export class Today {
  start = $state(dayStart(Date.now()));

  /** Follows the change at midnight, also when the computer slept through it. Returns how to stop. */
  follow(): () => void {
    let timer: ReturnType<typeof setTimeout>;
    const look = () => {
      clearTimeout(timer);
      const now = Date.now();
      this.start = dayStart(now);
      timer = setTimeout(look, nextDay(now) - now);
    };
    look();
    document.addEventListener('visibilitychange', look);
    addEventListener('focus', look);
    return () => {
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', look);
      removeEventListener('focus', look);
    };
  }
}
