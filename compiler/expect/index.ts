export { type Answer, answerExpectations } from './answers';
export { type Sample, sampleText } from './samples';
