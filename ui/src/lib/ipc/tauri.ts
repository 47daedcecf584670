import { Channel, isTauri } from '@tauri-apps/api/core';
import type { Backend } from './backend';
import { commands, type CommandError, type Frame } from './bindings';
import { asBackendError, BackendError } from './errors';

type Result<T, E> = { status: 'ok'; data: T } | { status: 'error'; error: E };

async function unwrap<T>(call: Promise<Result<T, CommandError>>): Promise<T> {
  let result: Result<T, CommandError>;
  try {
    result = await call;
  } catch (thrown) {
    throw asBackendError(thrown);
  }
  if (result.status === 'ok') return result.data;
  throw new BackendError(result.error);
}

async function done(call: Promise<Result<null, CommandError>>): Promise<void> {
  await unwrap(call);
}

export const insideTauri = isTauri;

/** The application behind the window. */
export function tauriBackend(): Backend {
  return {
    bootstrap: () => unwrap(commands.bootstrap()),
    openDemo: () => unwrap(commands.openDemo()),
    leaveDemo: () => unwrap(commands.leaveDemo()),
    attach: (onFrame) => {
      const channel = new Channel<Frame>();
      channel.onmessage = onFrame;
      return unwrap(commands.attach(channel));
    },
    ack: (attachment, frame) => done(commands.ack(attachment, frame)),
    setVisible: (attachment, visible) => done(commands.setVisible(attachment, visible)),
    listConversations: (shelf, before) => unwrap(commands.listConversations(shelf, before)),
    getConversation: (id) => unwrap(commands.getConversation(id)),
    renameConversation: (id, title) => unwrap(commands.renameConversation(id, title)),
    shelve: (ids, change) => unwrap(commands.shelve(ids, change)),
    setUpChat: (id, setup) => done(commands.setUpChat(id, setup)),
    saveDraft: (conversationId, draft) => done(commands.saveDraft(conversationId, draft)),
    getMessages: (ids) => unwrap(commands.getMessages(ids)),
    editMessage: (id, text) => unwrap(commands.editMessage(id, text)),
    deleteMessages: (ids, deleted) => unwrap(commands.deleteMessages(ids, deleted)),
    branchOff: (messageId) => unwrap(commands.branchOff(messageId)),
    getCompare: (id) => unwrap(commands.getCompare(id)),
    sendCompare: (input) => unwrap(commands.sendCompare(input)),
    setLanes: (conversationId, lanes) => unwrap(commands.setLanes(conversationId, lanes)),
    estimateCompare: (input) => unwrap(commands.estimateCompare(input)),
    estimateMerge: (input) => unwrap(commands.estimateMerge(input)),
    merge: (input) => unwrap(commands.merge(input)),
    judge: (turnId, input) => unwrap(commands.judge(turnId, input)),
    revealTurn: (turnId) => unwrap(commands.revealTurn(turnId)),
    setThumb: (messageId, thumb) => done(commands.setThumb(messageId, thumb)),
    listCompareSets: () => unwrap(commands.listCompareSets()),
    saveCompareSet: (input) => unwrap(commands.saveCompareSet(input)),
    removeCompareSet: (id) => done(commands.removeCompareSet(id)),
    compareDesk: () => unwrap(commands.compareDesk()),
    saveCompareDesk: (desk) => done(commands.saveCompareDesk(desk)),
    exportCompare: (conversationId, format) => unwrap(commands.exportCompare(conversationId, format)),
    leaderboard: (filter) => unwrap(commands.leaderboard(filter)),
    routeTrials: () => unwrap(commands.routeTrials()),
    describeTarget: (target) => unwrap(commands.describeTarget(target)),
    estimate: (input) => unwrap(commands.estimate(input)),
    addAttachment: (name, base64) => unwrap(commands.addAttachment(name, base64)),
    readAttachment: (id) => unwrap(commands.readAttachment(id)),
    inspectLink: (address) => unwrap(commands.inspectLink(address)),
    openLink: (address) => done(commands.openLink(address)),
    fetchImage: (address) => unwrap(commands.fetchImage(address)),
    send: (input) => unwrap(commands.send(input)),
    stop: (runId) => done(commands.stop(runId)),
    retry: (messageId, target, overBudget) => unwrap(commands.retry(messageId, target, overBudget)),
    continueMessage: (messageId, overBudget) => unwrap(commands.continueMessage(messageId, overBudget)),
    selectVersion: (messageId) => unwrap(commands.selectVersion(messageId)),
    search: (input) => unwrap(commands.search(input)),
    previewMessage: (messageId) => unwrap(commands.previewMessage(messageId)),
    listVendors: () => unwrap(commands.listVendors()),
    listProviders: () => unwrap(commands.listProviders()),
    saveProvider: (input) => unwrap(commands.saveProvider(input)),
    removeProvider: (id) => done(commands.removeProvider(id)),
    orderProviders: (ids) => unwrap(commands.orderProviders(ids)),
    saveAccount: (input) => unwrap(commands.saveAccount(input)),
    removeAccount: (id) => unwrap(commands.removeAccount(id)),
    orderAccounts: (providerId, ids) => unwrap(commands.orderAccounts(providerId, ids)),
    setKey: (accountId, input) => unwrap(commands.setKey(accountId, input)),
    cancelWaiting: () => done(commands.cancelWaiting()),
    allowKey: (accountId, origin) => unwrap(commands.allowKey(accountId, origin)),
    checkProvider: (id, accountId) => unwrap(commands.checkProvider(id, accountId)),
    listModels: (providerId) => unwrap(commands.listModels(providerId)),
    favourModel: (target, favourite) => unwrap(commands.favourModel(target, favourite)),
    modelFacts: () => unwrap(commands.modelFacts()),
    showModels: (providerId, models, shown) => unwrap(commands.showModels(providerId, models, shown)),
    addModel: (providerId, model) => unwrap(commands.addModel(providerId, model)),
    removeModel: (providerId, model) => unwrap(commands.removeModel(providerId, model)),
    saveProviderSettings: (id, settings) => unwrap(commands.saveProviderSettings(id, settings)),
    setProviderSecret: (id, slot, input) => unwrap(commands.setProviderSecret(id, slot, input)),
    providerFacts: () => unwrap(commands.providerFacts()),
    providerBalance: (id, accountId) => unwrap(commands.providerBalance(id, accountId)),
    catalogue: () => unwrap(commands.catalogue()),
    refreshModelData: () => unwrap(commands.refreshModelData()),
    previewImport: (input) => unwrap(commands.previewImport(input)),
    importConfig: (input) => unwrap(commands.importConfig(input)),
    exportConfig: (input) => unwrap(commands.exportConfig(input)),
    traffic: () => unwrap(commands.traffic()),
    exportTraffic: () => unwrap(commands.exportTraffic()),
    clearTraffic: () => unwrap(commands.clearTraffic()),
    findLocalServers: () => unwrap(commands.findLocalServers()),
    secretStores: () => unwrap(commands.secretStores()),
    unlockKeyring: () => unwrap(commands.unlockKeyring()),
    createVault: (passphrase) => unwrap(commands.createVault(passphrase)),
    unlockVault: (passphrase) => unwrap(commands.unlockVault(passphrase)),
    lockVault: () => unwrap(commands.lockVault()),
    changeVaultPassphrase: (current, next) => unwrap(commands.changeVaultPassphrase(current, next)),
    resetVault: () => unwrap(commands.resetVault()),
    beginSignIn: (accountId, place) => unwrap(commands.beginSignIn(accountId, place)),
    awaitSignIn: (id) => unwrap(commands.awaitSignIn(id)),
    cancelSignIn: (id) => done(commands.cancelSignIn(id)),
    relays: () => unwrap(commands.relays()),
    answerRelay: (messageId, text) => done(commands.answerRelay(messageId, text)),
    listRoutes: () => unwrap(commands.listRoutes()),
    saveRoute: (input) => unwrap(commands.saveRoute(input)),
    removeRoute: (id) => done(commands.removeRoute(id)),
    restoreRoute: (id) => unwrap(commands.restoreRoute(id)),
    dryRunRoute: (input) => unwrap(commands.dryRunRoute(input)),
    routeSwitches: (routeId, before) => unwrap(commands.routeSwitches(routeId, before)),
    setChatFallback: (conversationId, routeId) => unwrap(commands.setChatFallback(conversationId, routeId)),
    closeCircuit: (accountId, model) => done(commands.closeCircuit(accountId, model)),
    dashboard: (input) => unwrap(commands.dashboard(input)),
    requests: (input) => unwrap(commands.requests(input)),
    exportCosts: (filter, format) => unwrap(commands.exportCosts(filter, format)),
    whatIf: (filter) => unwrap(commands.whatIf(filter)),
    listPrices: (input) => unwrap(commands.listPrices(input)),
    savePrice: (input) => unwrap(commands.savePrice(input)),
    removePrice: (id) => done(commands.removePrice(id)),
    refreshPrices: () => unwrap(commands.refreshPrices()),
    unpricedModels: () => unwrap(commands.unpricedModels()),
    dismissUnpriced: (providerId, model) => done(commands.dismissUnpriced(providerId, model)),
    listBudgets: () => unwrap(commands.listBudgets()),
    saveBudget: (input) => unwrap(commands.saveBudget(input)),
    removeBudget: (id) => done(commands.removeBudget(id)),
    changeSetting: (change) => unwrap(commands.changeSetting(change)),
    spend: () => unwrap(commands.spend()),
  };
}
