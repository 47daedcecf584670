/// True wherever the fake backend may be loaded: every mode but production.
declare const __FAKE__: boolean;
