/** The pages of the settings. */
export type PageId = 'general' | 'appearance' | 'shortcuts' | 'providers' | 'data' | 'keys' | 'about';
