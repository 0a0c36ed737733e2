export { answerExpectations } from './answers';
export type { Answer } from './expectations';
export { type Sample, sampleText } from './samples';
