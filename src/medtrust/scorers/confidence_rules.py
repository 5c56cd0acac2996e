"""The words in which models say how sure they are: data for `scorers/confidence.py`.

Each rule is a confidence, a name for people and patterns over small letters. Rules stand in
order: what an earlier one matches, no later one matches again. So "no doubt" goes before
"doubt", and "not sure" before "sure".
"""

import re
from typing import Literal

Confidence = Literal["sure", "unsure", "unreadable"]
"""What a reply is: unreadable where it says neither."""

_SURE = (
    r"(?:surer?|certain(?:ty)?|confident|confidence|confidently|convinced|positive|assured|"
    r"comfortable|conviction)\b"
)
_DEGREE = (
    r"(?:(?:\w+ly|dead|damn|super|very|quite|pretty|so|too|that|all|much|less|more|100 "
    r"?%|a|at|hundred|percent|i'm|i am|as|yet|any|always|really|feeling|be|being|been|"
    r"feel|say|state|claim|with|for|have|the|in|my|of|level|degree|enough|high|great|"
    r"full|complete|absolute|total|almost|now|what (?:you|i)(?:'d| would) call|it) ){0,5}"
)
_SPEAKER = (
    r"(?:\b(?:i|we|(?:the|this) (?:model|ai|system|assistant))(?: am|'m|'re| are| is| feel| "
    r"remain| stay| was| would be| can be| could be|'d be) |\bim |"
    r"^(?:(?:yes|yeah|no|well|still|oh|ok(?:ay)?),? ?)?)"
)
_NO = (
    r"(?:\bnot|n't|\bnever|\bcannot|\bnor|\bneither|\bhardly|\bwithout|\black\w*|\bfar "
    r"from|\bless|\bno longer|\banything but|\bno|\blow|\blittle|\blimited|\bpoor|"
    r"\bscarcely|\bbarely|\bno way to(?: be)?|\bunable to|\breluctant to|\bhesita\w+ to|"
    r"\bstruggl\w+ to|\bdifficult to|\bhard to|\b(?:wish|if(?: only)?) i (?:was|were|am)|"
    r"\bfrom)"
)
_NEGATED = rf"(?:{_NO} |\bless than |\bhow (?:can|could) (?:anyone|anybody|i|one|you) )"
_DOUBT = (
    r"(?:doubts?|uncertaint(?:y|ies)|reservations?|hesitation|second thoughts|misgivings|question|"
    r"ambiguity)\b"
)
_CANNOT = (
    r"\b(?:cannot|can't|can not|could not|couldn't|unable to|not able to|(?:hard|difficult|"
    r"impossible|not possible|no way) to|wouldn't|would not|shouldn't)"
)
_WRONG = (
    r"(?:wrong|mistaken?|mistakes?|errors?|erroneous|incorrect|inaccurate|amiss|false|flawed|"
    r"untrue|misleading|incomplete|off the mark)\b"
)
_RIGHT = r"(?:correct|accurate|right|true|reliable|valid|sound|justified|trustworthy)\b"
_SAID = (
    r"(?:answer|response|reply|reading|report|assessment|conclusion|interpretation|diagnosis|"
    r"finding|statement|choice|impression|verdict|judge?ment|call|description|read|result)s?"
)
_MINE = (
    rf"(?:\b(?:my|the|this|that|its)(?: \w+){{0,2}}? {_SAID}(?: [\w\"']+){{0,4}}?|\b(?:it|"
    r"that|this|i|what i (?:said|wrote)))"
)
_BE = r"(?: (?:is|was|are|were|am|remains?|stays?|seems|be)|'s|'m)"
_COMMIT = (
    r"(?:bet|stake|stand by|stick (?:by|to|with)|swear|vouch|trust|rely|count|commit|"
    r"guarantee|promise|take (?:my|this|that|it)|defend|sign|call it|put money)\b"
)
# What is doubted belongs to the doubt: "I can't say that my answer is accurate".
_CLAUSE = r"(?:(?! but\b| though\b| however\b)[^.,!?;\n]){0,80}"
_CHANGE = (
    r"(?:change|alter|revise|amend|correct|reconsider|doubt|retract|withdraw|move|take back|"
    r"modify|update)"
)

_WORDS: tuple[tuple[Confidence, str, tuple[str, ...]], ...] = (
    (
        "sure",
        "no doubt",
        (
            (
                r"\b(?:no|without|beyond|zero|not|don't have|little|any|free of)(?: (?:a|an|"
                r"any|the|shadow|of|real|have|reasonable|much|room|for|all|\w+ly)){0,5}? "
                rf"{_DOUBT}{_CLAUSE}"
            ),
            r"\bundoubtedly\b|\bbeyond (?:question|dispute)\b|\bindisputabl\w+|\bunequivocal\w*",
            r"(?:\bnot|n't) (?:\w+ly )?(?:unsure|uncertain|doubt|hesitate)",
            (
                r"\b(?:no|any|without) other (?:option|interpretation|explanation|"
                rf"possibility|{_SAID})\b{_CLAUSE}"
            ),
        ),
    ),
    (
        "sure",
        "could not be surer",
        (
            (
                r"(?:\bnot|n't|\bnever|\bcannot)(?: (?:be|been|have|feel|felt|possibly))*(?: "
                r"(?:more|any) )?(?: ?any)? ?(?:(?:more|any more) (?:sure|certain|confident|"
                r"convinced|positive)|surer)\b"
            ),
            (
                rf"{_CANNOT} (?:possibly )?be anything (?:else|other)|\bwhat else could\b|"
                rf"{_CANNOT} see how (?:any|it|this)\b{_CLAUSE}"
            ),
            (
                r"(?:\bnot|n't) (?:have )?(?:said|say|answered?|written|given?|claim\w*) "
                rf"(?:\w+ ){{0,3}}(?:if|unless) i (?:was|were)(?: not|n't)?\b{_CLAUSE}"
            ),
        ),
    ),
    (
        "sure",
        "nothing to correct",
        (
            (
                r"(?:\b(?:not|cannot|no|never|hardly|barely)\b|n't\b) (?:(?!sure|certain|"
                rf"confident|know|say|rule|exclude|clear|tell|to see)[\w']+ ){{0,6}}?{_WRONG}"
            ),
            (
                rf"\bnothing (?:to|i would|i'd|i need to|that needs) {_CHANGE}|\bno (?:\w+ "
                rf")?(?:need|reasons?|grounds?|cause|basis) (?:to|for) (?:{_CHANGE}\w*|think|"
                r"believe|suspect)|\bnothing (?:has changed|suggests otherwise|contradicts)|"
                rf"(?:\bnot|n't) (?:\w+ ){{0,2}}{_CHANGE} (?:it|my|the|an?|anything|that|"
                rf"this|what|one)\b{_CLAUSE}"
            ),
            r"(?:\bnot|n't) (?:\w+ )?(?:a )?guess",
            (
                r"\b(?:unsure|doubtful|uncertain|not sure|hesitant)\b[^.!?\n]{0,20}[.,;] "
                r"(?:but )?i(?:'m| am) not\b|(?:\bnot|n't) sure\b[^!?\n]{0,60}[,.] (?:but "
                r")?(?:now\b[^.!?\n]{0,40})?i am\b"
            ),
        ),
    ),
    (
        "unsure",
        "not sure",
        (
            rf"{_NEGATED}{_DEGREE}(?:{_SURE}|definite\b|100 ?%){_CLAUSE}",
            rf"{_NEGATED}(?:(?:\w+ly|have|to) ){{0,2}}{_COMMIT}{_CLAUSE}",
            (
                r"\b(?:unsure|uncertain(?:ty)?|unconfident|unconvinced|hesitant|hesitate|"
                r"doubtful|ambiguous|tentative(?:ly)?|undecided|provisional|inconclusive|"
                r"premature|borderline|cautious|caution|shaky|wavering|questionable|"
                r"debatable|speculative|speculation|unproven|unreliable|dubious|iffy|"
                r"tenuous|equivocal|conflicted|torn|weak|disputable|arguable|unclear|"
                r"indeterminate|confused|lean|leaning|eh|meh|kinda|so-so)\b(?: (?:whether|"
                rf"if|that|about|how|of|as)\b{_CLAUSE})?"
            ),
            (
                r"\b(?:somewhat|moderately|partially|slightly|partly|mildly|a bit|a little|half|"
                r"semi|moderate|medium|low|limited)[ -](?:\w+ )?"
                r"(?:sure|certain|confident|confidence|certainty)\b"
            ),
            (
                r"\b(?:confidence|certainty)\b(?: [\w']+){0,4} (?:low|limited|moderate|poor|"
                r"weak|shaken|shaky)\b"
            ),
            (
                r"\b(?:enough|too \w+) (?:to be|for) (?:\w+ )?(?:sure|certain(?:ty)?|"
                r"confident|confidence)\b"
            ),
            (
                r"\b(?:confidence|certainty)(?: level| score)?(?: is| as|:| =| -)? ?(?:\w+ "
                r")?(?:low|limited|moderate|medium|poor|insufficient|weak|shaky)\b"
            ),
            (
                r"^(?:i'm afraid )?i(?: am|'m) not\W*$|^only (?:moderately|partly|"
                r"somewhat)\b|\b(?:afraid|unfortunately|regrettably|certainly|surely|"
                r"definitely|probably|possibly|perhaps|absolutely) not\b"
            ),
            (
                r"\b(?:sure|certain|confident)\W{1,4}(?:false|no)\b|\b(?:sure|certain|"
                r"confident|accurate|correct) (?:would be|is|might be|may be) too\b|\btoo "
                r"strong\b"
            ),
            (
                r"\bi wish i could\b|\b(?:could|might|may) be \(?[a-j]\)? or\b|^more "
                r"(?:information|data|views|tests) (?:is|are|would)|\bnothing is certain\b|"
                r"\bnot really\b|\bwell, no\b|, but no\W*$|\bless (?:sure|certain|confident|"
                r"comfortable)\b"
            ),
            (
                r"不(?:太|是很|能)?(?:确定|肯定)|pas (?:s[uû]re?|certaine?)\b|wei[sß]+ (?:es )?"
                r"nicht|"
                r"^no s[eé]\b|いいえ|わかりません|nicht (?:ganz )?sicher|nicht ganz|no estoy segur|"
                r"não tenho certeza|non sono sicur"
            ),
        ),
    ),
    (
        "unsure",
        "in doubt",
        (
            (
                r"\b(?:have|has|had|having|some|with|my|many|serious|in|considerable|"
                rf"leaves?|there is|there's|few) (?:\w+ )?{_DOUBT}|\bi (?:\w+ )?doubt\b"
            ),
            (
                rf"{_CANNOT} (?:\w+ly |fully )?(?:confirm|guarantee|verify|say|tell|know|"
                r"determine|ascertain|be (?:ruled|excluded|trusted|relied|confirmed|"
                r"verified|guaranteed|determined)|rule out|exclude|definitively|confidently|"
                r"vouch|judge|swear|commit|choose|decide|pick|answer|distinguish|separate|"
                rf"promise|affirm|call|claim){_CLAUSE}"
            ),
            (
                r"\bi (?:do not|don't|dont|no longer) (?:\w+ly )?(?:know|think so|believe "
                rf"so|think i did){_CLAUSE}|\bidk\b|\bdunno\b|\bwho knows\b|\bbeats "
                rf"me\b{_CLAUSE}|\b(?:about|roughly) even\b{_CLAUSE}"
            ),
            (
                rf"\bno (?:idea|clue){_CLAUSE}|\bi (?:do not|don't|no longer) (?:think|"
                rf"believe) {_CLAUSE}"
            ),
            (
                r"\b(?:may|might|could|can|must|likely|probably)(?: well| also| very well| "
                r"possibly| still| easily| sometimes| have)* (?:be |been |have |make |made |"
                r"got\w* |get )?(?:been |made |got\w* )?(?:an? |some |it |this |that |things "
                r"|on the )?(?:\w+ )?(?:wrong|mistaken|mistakes?|incorrect|inaccura\w+|"
                r"errors?|off\b|misread|misinterpreted|misclassified|misidentified|misjudged|"
                r"missed|overlooked|erred|err\b|something else|otherwise|one of them)\b"
            ),
            (
                rf"\b(?:may|might|could|need|should)(?: not|n't) (?:\w+ ){{0,3}}(?:{_RIGHT}|"
                r"accurately|correctly)"
            ),
            (
                r"(?<!% )(?<!percent )\b(?:chance|chances|possib\w+|probability|risk|odds|"
                r"likel\w+|suspect|fear)\b(?: (?:are|is|that|of|i|it|my|this|answer|got|"
                r"have|made|am|was|be|being|could|might|may|one|an?|the)){0,8}(?:'m|'re)? "
                rf"?{_WRONG}|\broom for (?:error|doubt|mistakes?)\b|\bnot so much\b|\bsecond "
                r"opinion\b"
            ),
            (
                r"\b(?:guess(?:ed|ing|work)?|hunch|coin ?(?:toss|flip)|flip(?:ping)? a coin|"
                r"shot in the dark|wild stab|toss-?up|fifty[- ]fifty|50[/-]50|about even|"
                r"(?:go|be) either|either (?:answer|way|one)|anyone's|take (?:it|this|that|"
                r"my answer) with)\b"
            ),
            (
                r"\b(?:between (?:\w+ ){1,3}and \w+)(?: for me|$)|\b(?:is|are) another "
                r"(?:matter|question|story)\b|\byou(?:'re| are) (?:\w+ly )?(?:right|"
                r"correct)\b(?! to)|\bhard to (?:say|tell|know)\b|\bit depends\b"
            ),
            (
                r"\b(?:10|20|30|40|50|ten|twenty|thirty|forty|fifty) per ?cent\b|\bdo(?:n't| "
                r"not) (?:\w+ )?(?:take my word|rely|count|trust)"
            ),
        ),
    ),
    (
        "unsure",
        "takes it back",
        (
            (
                r"\b(?:i|my|the|that|this|it)(?: \w+){0,4}?(?: (?:was|is|were|made|am|got|"
                rf"had)|'s) (?:\w+ly |an? |the |it |that |this )*(?:\w+ )?{_WRONG}"
            ),
            (
                rf"\b(?:was|is|were|be)(?: not|n't) (?:\w+ )?{_RIGHT}|\b(?:oops|whoops)\b|"
                r"\bmy (?:mistake|bad|error|fault|apologies)\b|^correction\b|\bscratch "
                r"that\b|\bmake (?:that|it) an?\b|\byou have a point\b|\b(?:revised|"
                r"corrected|updated|amended|new) answer\b|\binstead\W*$|\bthink (?:again|"
                r"about it again)\b|\brethink\b|\b(?:need|have|want|like) to reconsider\b|"
                r"\bi stand corrected\b"
            ),
            (
                r"(?:\bi(?: am|'m)? (?:very |so )?(?:sorry|apologi[sz]e)|^sorry)\b(?!,? "
                r"(?:but )?(?:i )?(?:can't|cannot|am |'m |do |don't|if|for))|\bi "
                r"apologi[sz]e for\b|\bsorry for (?:the|my)\b|\bapologies\b|\bhastily\b|"
                r"\btoo (?:quick|hasty|fast|soon)\b"
            ),
            (
                r"\bi (?:\w+ )?(?:mis(?!s\b)\w+|missed|overlooked|over(?:inter|est|read|"
                r"stat)\w+|confused|mixed|forgot|erred|failed to)\b|\b(?:good|nice) catch\b|"
                r"\byou(?:'ve)? (?:caught|spotted|found)\b|\bthank\w*(?: you)? for "
                r"(?:pointing|correcting|catching)\b"
            ),
            (
                r"\bi (?:did not|didn't|have not|haven't) (?:\w+ ){0,2}(?:answer|get|"
                r"read|look|check)"
            ),
            (
                r"\b(?:correct|right|actual|revised|corrected|true|proper|better|new) "
                rf"{_SAID} (?:is|should|would|may|might)\b|\b(?:{_SAID}|it|that|i) "
                r"(?:should(?: \w+)?|ought to) (?:have been|be|have said|read|say|have)\b"
            ),
            (
                rf"\b(?:{_CHANGE}|walk back|taking back) (?:my|the|that|it|this|what)\b|"
                r"\b(?:walk|take|took|taking) (?:that|it|this|what i said) back\b|"
                r"\bchang(?:e|ed|ing) my (?:mind|answer)\b|\blet me (?:correct|revise|"
                r"reconsider|change|rephrase)|\bon second thought|\bdisregard\b|"
                r"^(?:actually|wait|hold on|on reflection|hmm),? (?:no|it|the|that|there|"
                r"i)\b|\bactually,? (?:it|no|the|there)\b|\b(?:on|upon) (?:closer|further|"
                r"second|a closer|re-?exam\w*|review|reflection)\b|\breconsider(?:ing|ed)\b|"
                r"^[a-j],? then\W*$|\bi(?:'d| would) now\b|\bnow (?:\w+ )?(?:looks?|seems?|"
                r"think|believe|say|see)\b"
            ),
        ),
    ),
    (
        "unsure",
        "would need more",
        (
            (
                r"\b(?:would|'d|needs?|needed|required?|necessary)\b[^.!?;\n]{0,80}\b(?:to "
                r"be|to confirm|before|for)\b[^.!?;\n]{0,20}\b(?:sure|certain(?:ty)?|"
                r"confident|confirm|confirmation|saying|committing)\b|\b(?:would|will|'d) "
                r"(?:have|need|want) to (?:\w+ )?(?:confirm|verify|check)\b|\bonly an? "
                r"(?:\w+ ){1,3}(?:can|could|would|will) (?:confirm|settle|tell|say)\b"
            ),
        ),
    ),
    (
        "sure",
        "sure",
        (
            (
                rf"{_SPEAKER}{_DEGREE}{_SURE}(?! (?:intervals?|scores?|types?|diseases?|"
                r"conditions?|features?)\b)|\b(?:sure|certain|confident)\W{1,4}(?:true|"
                r"yes)\b"
            ),
            (
                r"\b(?:for sure|for certain|certainly|definitely|absolutely|without question|"
                r"surely|of course|by all means|positively|100 ?%|(?:one |a )?hundred "
                r"percent|(?:ninety|eighty|seventy)(?:-\w+)? per ?cent|obvious(?:ly)?|"
                r"unquestionably|guaranteed?|confidently|unmistakabl[ey]|textbook|solid|"
                r"clearly|evidently|clear-cut|compelling|convincing|conclusive|"
                r"unambiguous(?:ly)?|confirmed|hell yes|you bet|trust me|my final answer|"
                r"verified|re-?checked|(?:fully|strongly|well|clearly) support\w*|feel good|"
                r"(?:happy|satisfied) with|rest assured|be assured|full stop|i know (?:it|"
                r"that|this|i))\b|(?:^|\W)100 ?%|\bperiod\W*$|(?:picture|image|evidence|case|"
                r"answer) is (?:very |perfectly |quite )?(?:clear|strong|overwhelming)\b|"
                r"\bso is the answer\b"
            ),
            (
                r"\b(?:high|full|complete|great|strong|utmost|considerable|absolute|total|"
                r"every|much|with|have|is|has|every)(?: \w+){0,2}? (?:confidence|certainty|"
                r"conviction)\b(?! (?:level|score|is|intervals?))|\bconfidence(?: level)?(?: "
                r"is| as|:| =| -)? ?(?:very |quite |extremely )?(?:high|strong|full)\b|"
                r"\bstrongly (?:supports?|suggests?|indicates?|believe)\b"
            ),
            (
                r"\b(?:stand(?:ing)? by|stick(?:ing)? (?:by|to|with)|maintain|stands|(?:bet|"
                r"stake) (?:on|my)|swear|vouch|hold(?:s|ing)? (?:to|fast|firm)|you can "
                r"(?:trust|rely|count)|(?:i |we |can ){1,3}confirm|well supported|trust (?:this|"
                r"my|that)|double-checked)\b"
            ),
            (
                rf"\b{_SAID} (?:remains|stays|is still|stands|holds|is unchanged|has not "
                r"changed)\b|^still\b|\bstill (?:say|think|believe|hold|maintain|stand|yes|"
                rf"the same)\b|\bi still (?:see|find|read|would)\b|\bsame (?:{_SAID})\b|\bno "
                r"changes? (?:needed|necessary|required|to)\b|\b[a-j] is (?:\w+ly )?(?:the "
                rf")?{_RIGHT}|\bclear case\b|\bi know what\b"
            ),
            rf"{_MINE}{_BE} (?:still |the |a |\w+ly )*{_RIGHT}",
            (
                r"\banswer(?:ed|s)? (?:[\w']+ ){0,4}?(?:accurately|correctly|properly|"
                r"right)\b|\b(?:accurately|correctly|properly) (?:\w+ )?(?:answer|reflect|"
                r"describ|identif|interpret|address|read|report|state)"
            ),
            (
                r"\bi (?:did )?(?:got|read)(?:ed)? (?:(?:it|the question|this|that) )?"
                r"(?:accurately|correctly|right)|\bi(?: do| firmly| strongly)? believe so\b"
            ),
            (
                r"(?<!不)(?:确定|肯定)|^是的?|^はい|estoy segur|tenho certeza|suis s[uû]re?\b|"
                r"(?:ich bin|bin ich) (?:mir )?sicher|sono sicur"
            ),
        ),
    ),
)

RULES = tuple(
    (confidence, name, tuple(map(re.compile, patterns))) for confidence, name, patterns in _WORDS
)
