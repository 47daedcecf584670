import type { Capabilities } from './bindings';

/** Of a model of which nobody says what it can. */
export const unknownCan: Capabilities = {
  images: null,
  pdf: null,
  audio: null,
  tools: null,
  reasoning: null,
  structured: null,
  embeddings: null,
  makesImages: null,
};
