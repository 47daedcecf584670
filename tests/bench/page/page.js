document.querySelector("textarea").focus();
// The second frame callback runs after the first frame with the field was handed to the compositor.
requestAnimationFrame(() => requestAnimationFrame(() => performance.mark("composer-usable")));
