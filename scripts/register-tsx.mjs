// For `node --import`: TypeScript also in threads, where `--import tsx` does nothing on Node 20.
import { register } from 'tsx/esm/api'

register()
