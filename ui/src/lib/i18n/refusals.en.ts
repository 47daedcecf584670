/** Why a field or a call was not accepted. */
export const reasons: Record<string, string> = {
  empty: 'This cannot be empty.',
  too_long: 'This is too long.',
  too_short: 'This is too short. Take 8 characters or more.',
  in_clear: 'A key would travel readable to this address. Write https:// in it.',
  last: 'The last key cannot be taken away. Remove the provider instead.',
  changed: 'The address has changed meanwhile. Look at it again.',
  not_a_url: 'This is no http or https address. It looks like http://127.0.0.1:8080/v1.',
  not_a_variable: 'A variable’s name has letters, digits and underscores only.',
  not_ascii: 'A key has no spaces and no special characters. Paste it again.',
  not_a_model: 'This cannot be the name of a model.',
  not_cut_off: 'This answer is whole, there is nothing to continue.',
  not_last: 'Only the last answer of a chat can be continued.',
  not_a_label: 'This cannot be part of an address. Letters, digits and hyphens only.',
  not_a_segment: 'This cannot be part of an address. Leave out blanks, slashes and question marks.',
  no_address: 'This one has no address. Leave the field empty.',
  no_sign_in: 'This vendor knows no sign-in. Give a key instead.',
  not_found: 'That no longer exists.',
  unknown_field: 'This vendor has no such field any more. Reload the page.',
  unknown_slot: 'There is no such secret any more. Reload the page.',
  control: 'This has characters that no password has. Paste it again, without line ends.',
  not_sendable: 'This has characters that cannot be sent.',
  not_a_choice: 'Choose one of those offered.',
  no_balance: 'This provider does not tell what is left.',
  same: 'This is the prompt itself. Paste the answer.',
  not_offered: 'This version of Parlance cannot add that vendor.',
  unknown_vendor:
    'This vendor is not in the catalogue. If it came from a file of yours, Settings, Providers says what is wrong with it.',
};

/** What a store of keys says, by its cause. */
export const stores: Record<string, string> = {
  unavailable: 'Your keyring does not answer. See that it runs, or keep the key elsewhere.',
  locked: 'The store of keys is locked. Unlock it, then try again.',
  not_found: 'The key is no longer where it was kept. Give it again.',
  damaged: 'What is kept there cannot be read whole. Give the key again.',
  not_kept:
    'Your keyring took the key and did not give the same back, so it is not saved. Keep it elsewhere.',
  wrong_passphrase: 'That is not the passphrase. Try again.',
  already_there: 'There is an encrypted file already. Unlock it, or reset it first.',
  too_long: 'The key is longer than this store can hold. Keep it elsewhere.',
};

/** Why a call as a whole failed, by its code. */
export const commands: Record<string, string> = {
  not_found: 'That no longer exists.',
  running: 'An answer is still being written in this chat. Stop it first.',
  invalid: 'That cannot be accepted.',
  secret: 'The store of keys failed. Try again, or keep the key elsewhere.',
  cancelled_waiting: 'You stopped waiting for the keyring. Nothing was saved.',
  no_target: 'No provider of this route can be asked now.',
  busy: 'The data file is busy. Nothing was saved. Try again.',
  disk_full: 'The disk is full, so nothing was saved. Free some space and try again.',
  read_only: 'The data folder cannot be written, so nothing was saved.',
  closed: 'The data file is closed. Start Parlance again.',
  store_unwritable: 'The data folder cannot be written, so nothing was saved. Free some space and try again.',
  store_in_use: 'Another window of Parlance holds the chats. Use that one.',
  bridge: 'The window lost its connection to the app. Close Parlance and open it again.',
};
