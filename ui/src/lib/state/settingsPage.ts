/** The pages of the settings. */
export type PageId =
  'general' | 'appearance' | 'shortcuts' | 'costs' | 'providers' | 'data' | 'keys' | 'about';
