import type { LaneEstimate, ProviderView, Target } from '../../bindings';

const USUAL_ANSWER = 500;

/** Models of which it is known that they see nothing. */
export const isBarren = (model: string): boolean => /llama|deepseek|oss/.test(model);

/** What a request of so many tokens takes of a model. */
export function priceOf(
  providers: readonly ProviderView[],
  { providerId, model }: Target,
  input: number,
): Omit<LaneEstimate, 'refused'> {
  const known = providers.find(({ id }) => id === providerId)?.models.find(({ id }) => id === model);
  const { inputNano = null, outputNano = null, context = null, maxOutput = null } = known ?? {};
  const costOf = (answer: number | null) =>
    inputNano === null || outputNano === null || answer === null
      ? null
      : Math.round((input * inputNano + answer * outputNano) / 1e6);
  return {
    inputTokens: input,
    costNano: costOf(USUAL_ANSWER),
    mostNano: costOf(maxOutput),
    inputRate: inputNano,
    outputRate: outputNano,
    overWindow: context !== null && input + USUAL_ANSWER > context,
  };
}
