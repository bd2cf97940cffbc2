"""Generate plausible Chinese names of fictitious people."""

from collections.abc import Iterator

import numpy as np

# The most frequent surnames with their approximate share per mille, and characters of contemporary given names.
SURNAMES = (
    "王72李71张68刘54陈46杨31赵23黄22周21吴21徐17孙15胡13朱13高12林12何11郭11马10罗8"
    "梁8宋8郑8谢7韩7唐7冯6于6董6萧6程5曹5袁5邓5许5傅5沈9曾5彭5吕4苏4卢4蒋4蔡4贾4丁4魏4薛4叶4阎4余4潘4杜4戴3夏3钟3汪3田3任3姜3范3"
    "方3石3姚6谭3廖3邹3熊3金5陆8郝3孔3白3崔3康3毛3邱3秦3江3史3顾8侯3邵3孟3龙3万3段3钱6汤3尹3黎3易3常2武2乔2贺2赖2龚2文2费3钮2计2"
)
GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华文辉玲建国志红春梅海燕晓东亮鹏飞宇浩博雪婷欣怡子轩佳慧颖琳"
    "瑞林峰彬斌凯鑫龙波翔云莉萍兰凤洁琴素珍荣根林生福兴祥宝金泉水土火木良才德仁义礼智信永康健安宁顺利和晨阳思远"
)


def _weighted(text: str) -> tuple[list[str], np.ndarray[tuple[int], np.dtype[np.float64]]]:
    """Parse characters that are each followed by a number into characters and shares."""
    characters: list[str] = []
    numbers: list[int] = []
    for sign in text:
        if sign.isdigit():
            numbers[-1] = numbers[-1] * 10 + int(sign)
        else:
            characters.append(sign)
            numbers.append(0)
    weights = np.array(numbers, dtype=np.float64)
    return characters, weights / weights.sum()


def names(rng: np.random.Generator) -> Iterator[str]:
    """Generate names without end; some repeat, as real ones do."""
    surnames, shares = _weighted(SURNAMES)
    while True:
        first = surnames[int(rng.choice(len(surnames), p=shares))]
        given = rng.choice(list(GIVEN), size=1 if rng.random() < 0.18 else 2, replace=False)
        yield first + "".join(given.tolist())
