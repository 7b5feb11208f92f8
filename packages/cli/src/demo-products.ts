import type { NewProduct } from './shop.ts'

/** A household shop, believable enough to look at: cheap and dear, plenty and scarce, one sold out. */
export const demoProducts: readonly (NewProduct & { quantity: number })[] = [
  product('LAMP-DESK', 'Desk lamp', '39.90', 42, 'Brass, with a green glass shade. Takes an E27 bulb.'),
  product('LAMP-FLOOR', 'Floor lamp', '119.00', 8, 'Oak tripod, linen shade, 150 cm high.'),
  product('BULB-E27', 'LED bulb E27', '4.50', 900, 'Warm white, 806 lumens, dimmable.'),
  product('CHAIR-OAK', 'Oak chair', '89.00', 24, 'Solid oak, oiled, with a woven seat.'),
  product('STOOL-3', 'Three-legged stool', '45.00', 31, 'Beech, 46 cm high, stacks.'),
  product('TABLE-180', 'Dining table', '640.00', 3, 'Oak, 180 by 90 cm, seats six.'),
  product('SHELF-5', 'Wall shelf', '74.50', 15, 'Five boards on steel ladders.'),
  product('MUG-BLUE', 'Stoneware mug, blue', '12.50', 160, 'Thrown by hand, holds 30 cl, safe in the dishwasher.'),
  product('MUG-WHITE', 'Stoneware mug, white', '12.50', 148, 'Thrown by hand, holds 30 cl, safe in the dishwasher.'),
  product('BOWL-24', 'Salad bowl', '28.00', 37, 'Olive wood, 24 cm across.'),
  product('PLATE-27', 'Dinner plate', '16.00', 210, 'Stoneware, 27 cm across.'),
  product('GLASS-6', 'Water glasses, set of six', '24.00', 66, 'Recycled glass, 25 cl each.'),
  product('KNIFE-20', "Cook's knife", '68.00', 19, 'Forged, 20 cm blade, walnut handle.'),
  product('PAN-28', 'Iron frying pan', '52.00', 27, 'Hand-forged, 28 cm, for every hob.'),
  product('TOWEL-TEA', 'Tea towel', '9.90', 320, 'Half linen, half cotton, 50 by 70 cm.'),
  product('BLANKET', 'Wool blanket', '96.00', 12, 'New wool, 130 by 190 cm.'),
  product('CUSHION-45', 'Cushion', '27.50', 54, 'Linen cover with a zip, 45 by 45 cm.'),
  product('VASE-TALL', 'Tall vase', '34.00', 1, 'Smoked glass, 32 cm. The last one.'),
  product('CLOCK-WALL', 'Wall clock', '58.00', 0, 'Silent movement, 30 cm across. Sold out at present.'),
  product('CANDLE-10', 'Beeswax candles, ten', '18.90', 75, 'Burn for eight hours each.'),
]

function product(sku: string, name: string, price: string, quantity: number, description: string) {
  return { sku, name, description, price, currency: 'EUR', quantity }
}
