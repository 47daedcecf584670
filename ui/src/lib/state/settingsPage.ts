/** The pages of the settings. */
export type PageId = 'general' | 'appearance' | 'shortcuts' | 'data' | 'keys' | 'about';
