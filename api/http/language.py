"""Language of a rendered document: `?lang=` of exports, printed reports and the guide."""

from typing import Literal

Lang = Literal["zh", "en"]
