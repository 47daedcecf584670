import type {
  AccountInput,
  Bootstrap,
  CheckView,
  ConversationPage,
  ConversationSummary,
  ConversationView,
  Frame,
  KeyInput,
  LocalServerView,
  MessageView,
  ModelView,
  ProviderInput,
  ProviderView,
  RunReceipt,
  SecretStoresView,
  SearchInput,
  SearchView,
  SendInput,
  SettingChange,
  Settings,
  Snapshot,
  SpendView,
  Target,
  VendorView,
} from './bindings';

/** Everything a page can ask for. Each call rejects with a `BackendError`. */
export interface Backend {
  bootstrap(): Promise<Bootstrap>;
  openDemo(): Promise<Bootstrap>;
  leaveDemo(): Promise<Bootstrap>;
  attach(onFrame: (frame: Frame) => void): Promise<Snapshot>;
  ack(attachment: string, frame: number): Promise<void>;
  setVisible(attachment: string, visible: boolean): Promise<void>;
  listConversations(before: number | null): Promise<ConversationPage>;
  getConversation(id: string): Promise<ConversationView>;
  renameConversation(id: string, title: string): Promise<ConversationSummary>;
  deleteConversation(id: string): Promise<void>;
  restoreConversation(id: string): Promise<ConversationSummary>;
  send(input: SendInput): Promise<RunReceipt>;
  stop(runId: string): Promise<void>;
  retry(messageId: string, target: Target | null): Promise<RunReceipt>;
  continueMessage(messageId: string): Promise<RunReceipt>;
  selectVersion(messageId: string): Promise<ConversationView>;
  /** Ends the search before; that one then answers with `superseded`. */
  search(input: SearchInput): Promise<SearchView>;
  /** A message with its neighbours, on whatever branch it lies. */
  previewMessage(messageId: string): Promise<MessageView[]>;
  listVendors(): Promise<VendorView[]>;
  listProviders(): Promise<ProviderView[]>;
  saveProvider(input: ProviderInput): Promise<ProviderView>;
  removeProvider(id: string): Promise<void>;
  /** All ids in their new order. */
  orderProviders(ids: string[]): Promise<ProviderView[]>;
  saveAccount(input: AccountInput): Promise<ProviderView>;
  removeAccount(id: string): Promise<ProviderView>;
  orderAccounts(providerId: string, ids: string[]): Promise<ProviderView>;
  /** May wait on the system's keyring as long as the person takes. */
  setKey(accountId: string, input: KeyInput): Promise<ProviderView>;
  /** Ends every wait on the keyring; the waiting calls reject with `cancelled_waiting`. */
  cancelWaiting(): Promise<void>;
  allowKey(accountId: string, origin: string): Promise<ProviderView>;
  checkProvider(id: string, accountId: string | null): Promise<CheckView>;
  listModels(providerId: string): Promise<ModelView[]>;
  showModel(providerId: string, model: string, shown: boolean): Promise<ProviderView>;
  findLocalServers(): Promise<LocalServerView[]>;
  secretStores(): Promise<SecretStoresView>;
  unlockKeyring(): Promise<SecretStoresView>;
  createVault(passphrase: string): Promise<SecretStoresView>;
  unlockVault(passphrase: string): Promise<SecretStoresView>;
  lockVault(): Promise<SecretStoresView>;
  changeVaultPassphrase(current: string, next: string): Promise<SecretStoresView>;
  resetVault(): Promise<SecretStoresView>;
  changeSetting(change: SettingChange): Promise<Settings>;
  spend(): Promise<SpendView>;
}
