"""The words that announce an answer, in the languages that models answer in.

Data only: alternatives for regular expressions that ignore case.
"""

ANSWER = (
    r"answers?|antwort|respuesta|réponse|risposta|resposta|antwoord|svar(?:et)?|vastaus|"
    r"odpowiedź|odpověď|ответ|відповідь|cevap|jawaban(?:nya)?|đáp án|câu trả lời|"
    r"răspunsul?|válasz|απάντηση|richtig|correct response"
)
"""Nouns that mean the answer; it may follow them at once."""

ANSWER_UNSPACED = (
    r"答案|答え|正解|回答|正确选项|选项|选择|應選|应选|选|정답|답|الإجابة|الجواب|उत्तर|תשובה"
)
"""The same in scripts where words do not stand apart, or marks are no letters."""

CHOICE = (
    r"statement|sentence|finding|description|structure|item|number|term|class|category|line|"
    r"option|choice|letter|response|prediction|diagnosis|conclusion|selection|verdict|assistant|"
    r"ans|guess|bet|pick(?: one)?|output|result|solution|key|selected|label|"
    r"opción|opção|opzione|optie|alternativ[ae]?|lösung"
)
"""Nouns that mean the answer only if "is" or a colon comes between."""

IS = (
    r"\b(?:is|was|would be|should be|must be|will be|has to be|remains|ist|lautet|wäre|es|sería|"
    r"est|serait|è|sarebbe|é|seria|är|er|on|to|je|jest|là|adalah|este|είναι)\b(?!')|"
    r"\b(?:isn't|wasn't|cannot be|can't be)|[:=]|(?<= )-|是|为|為|は|는|은|هي|هو|היא"
)
"""What stands between such a noun and the answer."""

NOT = (
    r"\b(?:not|never|cannot|neither|avoid|reject|eliminate|disagree|"
    r"nicht|no es|pas|non|não|niet|inte|ikke|nie|ne|не|nem)\b|n't\b|不"
)
"""Negations before an answer in its clause."""

INSTEAD = r"but|rather|instead|sondern|sino|mais|ma|mas|maar|utan|ale"
"""What joins a rejected answer to the one put in its place."""

FILLER = (
    r"most likely|probably|likely|clearly|definitely|certainly|indeed|actually|simply|still|also|"
    r"to be|either|both|option|choice|letter|answer|it is|it's|this is|that it is|that|there is|"
    r"the answer is|the|la|le|el|die|der|das|den|o|a|an|l'|opción|opção|opzione|optie|lettre|"
    r"letra|lettera|buchstabe|вариант|选项|選項|選択肢"
)
"""Words that may stand between a lead-in and the answer."""

CHOOSE = (
    r"(?:choose|chose|choosing|pick|select|selecting|go(?:ing)? with|opt for|vote for|settle on|"
    r"lean(?:ing)? towards?|prefer)|(?:i|i'd|i'll|i would|i will|i must|we)(?: \w+ly)? "
    r"(?:say|think|believe|answer|guess|conclude|favou?r)|would say|"
    r"je choisis|ich wähle|elijo|scelgo|escolho|ik kies|jag väljer|(?:я )?выбираю"
)
"""Verbs of choosing; the common ones only in the first person."""

POINT = (
    r"its|(?:it|this|that|which)(?: is|'s| must be| would be| should be| has to be)|"
    r"predicts|corresponds? to|match(?:es)?|(?:best )?fits?(?: best)?(?: with)?|"
    r"points? (?:to|towards)|consistent with|"
    r"(?:supports?|favou?rs?|indicates?|suggests?|describes|represents) (?:option|choice|answer)"
)
"""Turns of phrase so common that only a capital letter counts after them."""

THEREFORE = (
    r"therefore|thus|hence|consequently|so|in conclusion|in summary|to conclude|overall|finally|"
    r"conclusion:|yes|no,? wait|wait|no|actually|i mean|sorry|correction:?|"
    r"probably|most likely|likely|definitely|certainly|clearly|possibly|maybe"
)
"""Openings of a last sentence, or of a correction."""

FITS = r"best fits|fits|matches|best describes|best matches"
RIGHT = (
    r"(?:(?:most|more|the|my|a|best|single|only|indeed|clearly|definitely|probably|likely|better) )"
    r"{0,4}(?:correct|better|fit|match|right|true|accurate|answer|choice|likely|probable|"
    r"appropriate|consistent|best|one|richtig|korrekt|correcta?|juste|corretta|correta|juist)\b"
)
WRONG = (
    r"\b(?:not|wrong|incorrect|false|unlikely|less|least|excluded|eliminated|out|ruled|absent|"
    r"falsch|incorrecta?|sbagliata|errada)\b|n't\b"
)
"""Verdicts on an option that is named by its letter."""

FOLLOWS = (
    r"because|since|as|for|due|given|based|which|rather|instead|not|and not|while|whereas|over|"
    r"here|with|in (?:my|this)|on (?:this|that)|and (?:it|this|the|therefore|so)|"
    r"weil|da|denn|porque|parce|car|perch[eé]|omdat|потому|ist|因|입니다|이다|です|で|だ|है"
)
"""Words that may follow a letter that is an answer (a noun may not: "B cells")."""

SENTENCE_WORDS = r"the|it|this|that|there|they|these|a|an|because|since|as|no|yes|in|on|note"
"""Lower-case words that may begin a sentence after "B. " (a species' name may not)."""

AFTER_COMMA = (
    r"i think|i believe|definitely|clearly|probably|most likely|certainly|"
    rf"{FOLLOWS}|{SENTENCE_WORDS}"
)
"""Words that may follow "B, " at the head of a line ("A, axial view" is a legend)."""
