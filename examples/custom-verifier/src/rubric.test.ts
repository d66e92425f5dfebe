import { verifierConformance } from '@proof-of-inference/conformance'
import { numericRubric } from './rubric.ts'
import { answer, manifest, orderOf, shop, weights } from './shop.ts'

verifierConformance({
  create: numericRubric,
  fixtures: async () => ({
    policy: numericRubric.policy({ tolerance: 0.005 }),
    manifest,
    runners: { model: await shop().load({ manifest, weights }) },
    honest: [
      { input: orderOf({ apple: 3, bread: 1 }), claimed: answer('Your 2 products come to 4.40.') },
      { input: orderOf({ cheese: 2 }), claimed: answer('15.90 for 1 kind of product') },
    ],
    wrong: {
      'another total': { input: orderOf({ apple: 3, bread: 1 }), claimed: answer('Your 2 products come to 4.20.') },
      'a number more': { input: orderOf({ cheese: 2 }), claimed: answer('15.90 for 1 kind, or 14.00 for you') },
    },
  }),
  except: { runtime: 'the numbers count, not what wrote them' },
})
