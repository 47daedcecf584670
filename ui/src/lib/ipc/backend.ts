import type {
  CompareDesk,
  CompareEstimate,
  CompareEstimateInput,
  CompareFormat,
  CompareInput,
  CompareReceipt,
  CompareSet,
  CompareSetInput,
  CompareView,
  JudgementInput,
  LaneEstimate,
  LaneInput,
  Leaderboard,
  LeaderboardFilter,
  MergeEstimateInput,
  MergeInput,
  RouteTrial,
  Thumb,
  TurnView,
  WhatIfView,
  UnpricedModel,
  SavedPrice,
  RequestsInput,
  RequestPage,
  PricesInput,
  PriceSource,
  PriceList,
  OwnPriceInput,
  DashboardInput,
  CostFormat,
  CostFilter,
  CostDashboard,
  BudgetView,
  BudgetInput,
  AccountInput,
  AttachmentView,
  BalanceView,
  Bootstrap,
  CatalogueView,
  ChatSetup,
  ChatTarget,
  CheckView,
  ConversationPage,
  ConversationSummary,
  ConversationView,
  Draft,
  DryRunInput,
  DryRunView,
  EstimateInput,
  EstimateView,
  ExportInput,
  ExportView,
  FileData,
  Frame,
  ImportInput,
  ImportView,
  KeyInput,
  KeyPlace,
  LinkView,
  LocalServerView,
  MessageView,
  ModelFacts,
  ModelInput,
  ModelView,
  ProviderFacts,
  ProviderInput,
  ProviderSettings,
  ProviderView,
  RelayView,
  RouteInput,
  RouteView,
  RunReceipt,
  SecretSlot,
  SecretStoresView,
  SearchInput,
  SearchView,
  SendInput,
  SettingChange,
  Settings,
  Shelf,
  ShelfChange,
  SignInEnd,
  SignInView,
  Snapshot,
  SpendView,
  SwitchPage,
  Target,
  TargetView,
  TrafficView,
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
  listConversations(shelf: Shelf, before: number | null): Promise<ConversationPage>;
  getConversation(id: string): Promise<ConversationView>;
  renameConversation(id: string, title: string): Promise<ConversationSummary>;
  /** All or none of them; purged ones do not come back. */
  shelve(ids: string[], change: ShelfChange): Promise<ConversationSummary[]>;
  setUpChat(id: string, setup: ChatSetup): Promise<void>;
  /** Without a chat: that of a chat that was not begun. */
  saveDraft(conversationId: string | null, draft: Draft): Promise<void>;
  getMessages(ids: string[]): Promise<MessageView[]>;
  editMessage(id: string, text: string): Promise<MessageView>;
  deleteMessages(ids: string[], deleted: boolean): Promise<ConversationView>;
  branchOff(messageId: string): Promise<ConversationView>;
  getCompare(id: string): Promise<CompareView>;
  sendCompare(input: CompareInput): Promise<CompareReceipt>;
  setLanes(conversationId: string, lanes: LaneInput[]): Promise<CompareView>;
  estimateCompare(input: CompareEstimateInput): Promise<CompareEstimate>;
  estimateMerge(input: MergeEstimateInput): Promise<LaneEstimate>;
  merge(input: MergeInput): Promise<RunReceipt>;
  judge(turnId: string, input: JudgementInput): Promise<TurnView>;
  revealTurn(turnId: string): Promise<TurnView>;
  setThumb(messageId: string, thumb: Thumb | null): Promise<void>;
  listCompareSets(): Promise<CompareSet[]>;
  saveCompareSet(input: CompareSetInput): Promise<CompareSet>;
  removeCompareSet(id: string): Promise<void>;
  compareDesk(): Promise<CompareDesk>;
  saveCompareDesk(desk: CompareDesk): Promise<void>;
  exportCompare(conversationId: string, format: CompareFormat): Promise<ExportView>;
  leaderboard(filter: LeaderboardFilter): Promise<Leaderboard>;
  routeTrials(): Promise<RouteTrial[]>;
  describeTarget(target: ChatTarget): Promise<TargetView>;
  estimate(input: EstimateInput): Promise<EstimateView>;
  addAttachment(name: string, base64: string): Promise<AttachmentView>;
  readAttachment(id: string): Promise<FileData>;
  inspectLink(address: string): Promise<LinkView>;
  openLink(address: string): Promise<void>;
  fetchImage(address: string): Promise<FileData>;
  send(input: SendInput): Promise<RunReceipt>;
  stop(runId: string): Promise<void>;
  /** `overBudget`: the person lets it pass, this once, the budgets that ask. */
  retry(messageId: string, target: ChatTarget | null, overBudget: boolean): Promise<RunReceipt>;
  continueMessage(messageId: string, overBudget: boolean): Promise<RunReceipt>;
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
  showModels(providerId: string, models: string[], shown: boolean): Promise<ProviderView>;
  /** Adds one by hand, or says more of one. */
  addModel(providerId: string, model: ModelInput): Promise<ProviderView>;
  /** Forgets what a person said of it. */
  removeModel(providerId: string, model: string): Promise<ProviderView>;
  saveProviderSettings(id: string, settings: ProviderSettings): Promise<ProviderView>;
  /** A header's value or the proxy's password; may wait on the system's keyring, as `setKey`. */
  setProviderSecret(id: string, slot: SecretSlot, input: KeyInput): Promise<ProviderView>;
  providerFacts(): Promise<ProviderFacts[]>;
  providerBalance(id: string, accountId: string): Promise<BalanceView>;
  /** Reads the user's vendor files anew. */
  catalogue(): Promise<CatalogueView>;
  refreshModelData(): Promise<CatalogueView>;
  previewImport(input: ImportInput): Promise<ImportView>;
  importConfig(input: ImportInput): Promise<ImportView>;
  exportConfig(input: ExportInput): Promise<ExportView>;
  traffic(): Promise<TrafficView>;
  exportTraffic(): Promise<ExportView>;
  clearTraffic(): Promise<TrafficView>;
  favourModel(target: Target, favourite: boolean): Promise<ProviderView>;
  modelFacts(): Promise<ModelFacts[]>;
  findLocalServers(): Promise<LocalServerView[]>;
  secretStores(): Promise<SecretStoresView>;
  unlockKeyring(): Promise<SecretStoresView>;
  createVault(passphrase: string): Promise<SecretStoresView>;
  unlockVault(passphrase: string): Promise<SecretStoresView>;
  lockVault(): Promise<SecretStoresView>;
  changeVaultPassphrase(current: string, next: string): Promise<SecretStoresView>;
  resetVault(): Promise<SecretStoresView>;
  /** Asks the vendor for a code; ends the account's sign-in before. */
  beginSignIn(accountId: string, place: KeyPlace): Promise<SignInView>;
  /** Returns when the person is done at the vendor's page, or the code is no longer good. */
  awaitSignIn(id: string): Promise<SignInEnd>;
  cancelSignIn(id: string): Promise<void>;
  /** Prompts that a person has to carry, the oldest first. */
  relays(): Promise<RelayView[]>;
  answerRelay(messageId: string, text: string): Promise<void>;
  listRoutes(): Promise<RouteView[]>;
  saveRoute(input: RouteInput): Promise<RouteView>;
  removeRoute(id: string): Promise<void>;
  restoreRoute(id: string): Promise<RouteView>;
  /** What a route would do now; nothing is sent. */
  dryRunRoute(input: DryRunInput): Promise<DryRunView>;
  /** The newest first; `before` is what the page before said comes next. */
  routeSwitches(routeId: string, before: string | null): Promise<SwitchPage>;
  /** The route that is asked where the chat's model fails; null for none. */
  setChatFallback(conversationId: string, routeId: string | null): Promise<ConversationView>;
  /** Lets a model that rests be tried again. */
  closeCircuit(accountId: string, model: string): Promise<void>;
  dashboard(input: DashboardInput): Promise<CostDashboard>;
  /** The newest first. */
  requests(input: RequestsInput): Promise<RequestPage>;
  exportCosts(filter: CostFilter, format: CostFormat): Promise<ExportView>;
  /** What the requests would have cost at each route's cheapest able target. */
  whatIf(filter: CostFilter): Promise<WhatIfView[]>;
  listPrices(input: PricesInput): Promise<PriceList>;
  savePrice(input: OwnPriceInput): Promise<SavedPrice>;
  removePrice(id: string): Promise<void>;
  /** Fails with `prices` where what came cannot be used; what was there before is kept. */
  refreshPrices(): Promise<PriceSource>;
  unpricedModels(): Promise<UnpricedModel[]>;
  /** Not now: it is not asked again. */
  dismissUnpriced(providerId: string, model: string): Promise<void>;
  listBudgets(): Promise<BudgetView[]>;
  saveBudget(input: BudgetInput): Promise<BudgetView>;
  removeBudget(id: string): Promise<void>;
  changeSetting(change: SettingChange): Promise<Settings>;
  spend(): Promise<SpendView>;
}
