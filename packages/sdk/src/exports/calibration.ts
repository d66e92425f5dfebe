/**
 * Thresholds and error rates of a verifier, from samples.
 *
 * @module @proof-of-inference/sdk/calibration
 */

export { type CalibrateParameters, calibrate, recalibrate } from '../calibration/calibrate.ts'
export { scoreOf, verdictOf } from '../calibration/fit.ts'
export {
  type Measurement,
  type MeasureOptions,
  measureTensors,
  type Saturation,
  tensorFloors,
} from '../calibration/measureTensors.ts'
export { conformalPValue, lowerQuantile, upperQuantile } from '../calibration/quantile.ts'
export type {
  Calibrated,
  Calibration,
  CalibrationReport,
  CalibrationSettings,
  Rates,
  Sample,
  SampleSet,
  Thresholds,
} from '../calibration/types.ts'
export { CalibrationFailedError, CalibrationMismatchError } from '../errors/calibration.ts'
export { type Bounds, clopperPearson } from '../utils/clopperPearson.ts'
