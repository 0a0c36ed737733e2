export { type Answer, checkExpectations } from './expectations';
