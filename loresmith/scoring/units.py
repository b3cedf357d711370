"""Units of measure that can be told apart and turned into each other.

A unit is (dimension, factor, offset): value x factor + offset is the value in the dimension's own unit. KB is 1,000
bytes and KiB 1,024. A month and a year are no number of days here. Not covered: compound units beyond the ones listed.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Unit:
    """What a unit measures, and how it becomes the dimension's own unit."""

    dimension: str
    factor: float
    offset: float = 0.0


_TABLE = """
length: m metre metres meter meters =1; km kilometre kilometres kilometer kilometers =1e3; cm centimetre centimetres
 centimeter centimeters =1e-2; mm millimetre millimetres millimeter millimeters =1e-3; µm μm um micron microns
 micrometre micrometres micrometer micrometers =1e-6; nm nanometre nanometres nanometer nanometers =1e-9; in inch
 inches =0.0254; ft foot feet =0.3048; yd yard yards =0.9144; mi mile miles =1609.344
area: m² m2 m^2 =1; km² km2 km^2 =1e6; cm² cm2 cm^2 =1e-4; mm² mm2 =1e-6; ha hectare hectares =1e4; acre acres
 =4046.8564224; ft² ft2 sqft =0.09290304
volume: l L litre litres liter liters =1; ml mL millilitre millilitres milliliter milliliters cm³ cm3 cc =1e-3; m³ m3
 m^3 =1e3; gal gallon gallons =3.785411784; pint pints =0.473176473; quart quarts =0.946352946; cup cups
 =0.2365882365
mass: kg kilogram kilograms kilo kilos =1; g gram grams =1e-3; mg milligram milligrams =1e-6; µg μg ug microgram
 micrograms =1e-9; t tonne tonnes =1e3; lb lbs pound pounds =0.45359237; oz ounce ounces =0.028349523125
time: s sec secs second seconds =1; ms millisecond milliseconds =1e-3; µs μs us microsecond microseconds =1e-6; ns
 nanosecond nanoseconds =1e-9; min mins minute minutes =60; h hr hrs hour hours =3600; day days =86400; week weeks
 =604800
long time: month months =1; year years yr yrs =12; decade decades =120; century centuries =1200
data: B byte bytes =1; KB kB kilobyte kilobytes =1e3; MB megabyte megabytes =1e6; GB gigabyte gigabytes =1e9; TB
 terabyte terabytes =1e12; PB petabyte petabytes =1e15; KiB =1024; MiB =1048576; GiB =1073741824; TiB =1099511627776;
 bit bits =0.125
pressure: Pa pascal pascals =1; hPa mbar millibar =100; kPa =1e3; MPa =1e6; GPa =1e9; bar bars =1e5; psi
 =6894.757293168; atm atmosphere atmospheres =101325; mmHg =133.322387415
temperature: K kelvin kelvins =1; °C celsius C centigrade =1+273.15; °F fahrenheit F
 =0.5555555555555556+255.3722222222222
speed: m/s mps =1; km/h kph kmh =0.2777777777777778; mph mi/h =0.44704; knot knots kn =0.5144444444444445
energy: J joule joules =1; kJ kilojoule kilojoules =1e3; MJ =1e6; Wh =3600; kWh =3.6e6; MWh =3.6e9; cal calorie
 calories =4.184; kcal =4184; eV =1.602176634e-19
power: W watt watts =1; kW kilowatt kilowatts =1e3; MW megawatt megawatts =1e6; GW =1e9; mW =1e-3; hp horsepower
 =745.69987158
frequency: Hz hertz =1; kHz kilohertz =1e3; MHz megahertz =1e6; GHz gigahertz =1e9; rpm =0.016666666666666666
voltage: V volt volts =1; mV millivolt millivolts =1e-3; kV kilovolt kilovolts =1e3
current: A amp amps ampere amperes =1; mA milliamp milliamps =1e-3
angle: deg degree degrees ° =1; rad radian radians =57.29577951308232
share: % percent per_cent pct =1
dollars: $ usd dollar dollars =1; ¢ cent cents =0.01
euros: € eur euro euros =1
pounds sterling: £ gbp =1
yen: ¥ jpy yen =1
"""


def _parsed() -> dict[str, Unit]:
    known: dict[str, Unit] = {}
    for line in _TABLE.replace("\n ", " ").strip().splitlines():
        dimension, _, entries = line.partition(":")
        for entry in entries.split(";"):
            names, _, size = entry.partition("=")
            factor, _, offset = size.partition("+")
            known.update({name: Unit(dimension, float(factor), float(offset or 0)) for name in names.split()})
    return known


_UNITS = _parsed()
_LOWER = {name.lower(): unit for name, unit in _UNITS.items() if len(name) > 3}
"""Words in any case; symbols only as they are: MW is no mW."""


def unit_called(name: str) -> Unit | None:
    """The unit that `name` stands for; `None` for anything else, such as a counted noun."""
    bare = name.strip().replace("° ", "°").rstrip(".")
    return _UNITS.get(bare) or _LOWER.get(bare.lower()) or _UNITS.get(bare.lower() if len(bare) == 3 else "")
