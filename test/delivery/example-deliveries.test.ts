import { readdirSync, readFileSync } from 'fs';
import { join } from 'path';
import { App } from 'aws-cdk-lib';
import { addDelivery as aivp } from '../../examples/aivp/delivery';
import { addDelivery as alva } from '../../examples/alva/delivery';
import { addDelivery as arcade } from '../../examples/arcade/delivery';
import { addPromotion } from '../../examples/rpg/promotion';

test.each(Object.entries({ aivp, alva, arcade }))('the workflows that examples/%s has committed are those that the library writes', (example, addDelivery) => {
  const folder = join(__dirname, '../../examples', example, '.github/workflows');
  const { workflows } = addDelivery(new App());
  expect(readdirSync(folder).filter(file => file.startsWith('delivery'))).toEqual(Object.keys(workflows).sort());
  for (const [file, text] of Object.entries(workflows)) expect(readFileSync(join(folder, file), 'utf8')).toBe(text);
});

test('the promotion that examples/rpg has committed is the one that the library writes', () => {
  const file = join(__dirname, '../../examples/rpg/.github/workflows/promotion.yml');
  expect(readFileSync(file, 'utf8')).toBe(addPromotion(new App(), 'rpg.example.com').workflow);
});
