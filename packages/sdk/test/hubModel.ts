import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf'
import { AttributeProto_AttributeType, ModelProtoSchema, type NodeProtoSchema, TensorProto_DataType } from 'onnx-buf'

// Tiny models in the layout of the Hugging Face hub, with tokenizers of words.

const words = ['[UNK]', '[END]', 'the', 'cat', 'dog', 'sat', 'ran', 'here']
const size = words.length
/** Some table of numbers, the same each time. */
const table = Float32Array.from({ length: size * size }, (_, index) => Math.sin(7 * index + 1) * 2)

type Attribute = { readonly [name: string]: bigint | readonly bigint[] }

const node = (opType: string, input: string[], output: string, attributes: Attribute = {}) =>
  ({
    ...{ opType, input, output: [output], name: output },
    attribute: Object.entries(attributes).map(([name, value]) =>
      typeof value === 'bigint'
        ? { name, type: AttributeProto_AttributeType.INT, i: value }
        : { name, type: AttributeProto_AttributeType.INTS, ints: [...value] },
    ),
  }) satisfies MessageInitShape<typeof NodeProtoSchema>

const value = (name: string, elemType: number, dims: readonly (string | number)[]) => ({
  name,
  type: {
    value: {
      case: 'tensorType' as const,
      value: {
        elemType,
        shape: {
          dim: dims.map((dim) => ({
            value:
              typeof dim === 'number'
                ? { case: 'dimValue' as const, value: BigInt(dim) }
                : { case: 'dimParam' as const, value: dim },
          })),
        },
      },
    },
  },
})

const { FLOAT, INT64 } = TensorProto_DataType
const ints = (name: string, values: readonly number[], dims = [values.length]) => ({
  ...{ name, dims: dims.map(BigInt), dataType: INT64, int64Data: values.map(BigInt) },
})

type Parts = {
  readonly nodes: MessageInitShape<typeof NodeProtoSchema>[]
  readonly inputs: ReturnType<typeof value>[]
  readonly outputs: ReturnType<typeof value>[]
}

function onnxOf({ nodes, inputs, outputs }: Parts): Uint8Array {
  const tokens = ['batch', 'sequence']
  const model = create(ModelProtoSchema, {
    irVersion: 8n,
    opsetImport: [{ domain: '', version: 17n }],
    graph: {
      name: 'tiny',
      node: nodes,
      initializer: [
        {
          ...{ name: 'table', dims: [BigInt(size), BigInt(size)], dataType: FLOAT },
          rawData: new Uint8Array(table.buffer),
        },
        ints('zero', [0]),
        ints('one', [1]),
        ints('two', [2]),
        ints('three', [3]),
        ints('axis1', [1], []),
        ints('axis2', [2], []),
        ints('end', [2 ** 31]),
      ],
      input: [value('input_ids', INT64, tokens), value('attention_mask', INT64, tokens), ...inputs],
      output: outputs,
    },
  })
  return toBinary(ModelProtoSchema, model)
}

const shape = ['batch', 'sequence', size] as const
const models = {
  /** A row of the table by token. */
  'feature-extraction': {
    config: { model_type: 'bert' },
    nodes: [node('Gather', ['table', 'input_ids'], 'last_hidden_state')],
    inputs: [],
    outputs: [value('last_hidden_state', FLOAT, shape)],
  },
  /** The mean of the tokens' rows. */
  'text-classification': {
    config: { model_type: 'bert', id2label: Object.fromEntries(words.map((word, index) => [index, word])) },
    nodes: [
      node('Gather', ['table', 'input_ids'], 'rows'),
      node('ReduceMean', ['rows'], 'logits', { axes: [1n], keepdims: 0n }),
    ],
    inputs: [],
    outputs: [value('logits', FLOAT, ['batch', size])],
  },
  /** The sum of the rows of all tokens so far: what was before matters. Remembers nothing. */
  'text-generation': {
    config: { model_type: 'gpt2', n_layer: 1, n_head: 1, n_embd: size, eos_token_id: 1 },
    nodes: [node('Gather', ['table', 'input_ids'], 'rows'), node('CumSum', ['rows', 'axis1'], 'logits')],
    inputs: [],
    outputs: [value('logits', FLOAT, shape)],
  },
  /** The same, but it is given only the new tokens and the rows of the old ones. */
  'text-generation with memory': {
    config: { model_type: 'gpt2', n_layer: 1, n_head: 1, n_embd: size, eos_token_id: 1 },
    nodes: [
      node('Gather', ['table', 'input_ids'], 'rows'),
      node('Unsqueeze', ['rows', 'one'], 'new'),
      node('Concat', ['past_key_values.0.key', 'new'], 'present.0.key', { axis: 2n }),
      node('Identity', ['past_key_values.0.value'], 'present.0.value'),
      node('CumSum', ['present.0.key', 'axis2'], 'sums'),
      node('Squeeze', ['sums', 'one'], 'all'),
      node('Shape', ['past_key_values.0.key'], 'shape'),
      node('Slice', ['shape', 'two', 'three', 'zero'], 'before'),
      node('Slice', ['all', 'before', 'end', 'one'], 'logits'),
    ],
    inputs: [
      value('past_key_values.0.key', FLOAT, ['batch', 1, 'past', size]),
      value('past_key_values.0.value', FLOAT, ['batch', 1, 'past', size]),
    ],
    outputs: [
      value('logits', FLOAT, shape),
      value('present.0.key', FLOAT, ['batch', 1, 'total', size]),
      value('present.0.value', FLOAT, ['batch', 1, 'past', size]),
    ],
  },
}

const tokenizer = {
  version: '1.0',
  truncation: null,
  padding: null,
  added_tokens: [
    { id: 1, content: '[END]', special: true, normalized: false, single_word: false, lstrip: false, rstrip: false },
  ],
  normalizer: { type: 'Lowercase' },
  pre_tokenizer: { type: 'WhitespaceSplit' },
  post_processor: null,
  decoder: null,
  model: {
    type: 'WordLevel',
    vocab: Object.fromEntries(words.map((word, index) => [word, index])),
    unk_token: '[UNK]',
  },
}

/** Writes a model to a new folder, which the caller removes. */
export async function writeHubModel(kind: keyof typeof models): Promise<string> {
  const { config, ...parts } = models[kind]
  const folder = await mkdtemp(path.join(tmpdir(), 'hub-'))
  await mkdir(path.join(folder, 'onnx'))
  await writeFile(path.join(folder, 'onnx/model.onnx'), onnxOf(parts))
  const settings = { tokenizer_class: 'PreTrainedTokenizerFast', pad_token: '[END]', unk_token: '[UNK]' }
  const documents = { config, tokenizer, tokenizer_config: { ...settings, model_max_length: 64 } }
  for (const [name, content] of Object.entries(documents))
    await writeFile(path.join(folder, `${name}.json`), JSON.stringify(content))
  return folder
}

/** The table's row of a word. */
export const rowOf = (word: string) => {
  const start = words.indexOf(word) * size
  return table.slice(start, start + size)
}
