import type {
  Bootstrap,
  CheckView,
  ConversationPage,
  ConversationSummary,
  ConversationView,
  Frame,
  KeyInput,
  ModelView,
  ProviderInput,
  ProviderView,
  RunReceipt,
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
  listVendors(): Promise<VendorView[]>;
  listProviders(): Promise<ProviderView[]>;
  saveProvider(input: ProviderInput): Promise<ProviderView>;
  removeProvider(id: string): Promise<void>;
  setKey(providerId: string, input: KeyInput): Promise<ProviderView>;
  checkProvider(id: string): Promise<CheckView>;
  listModels(providerId: string): Promise<ModelView[]>;
  changeSetting(change: SettingChange): Promise<Settings>;
  spend(): Promise<SpendView>;
}
