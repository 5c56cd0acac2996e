"""The answer is to be had elsewhere: from an expert, or from a picture that came through."""

from medtrust.scorers.evasion import words as w
from medtrust.scorers.evasion.way import LEAD, WORD, way

WAYS = (
    way(
        "ask an expert",
        (
            r"\b(?:get|have) (?:this|it|that|your \w+) (?:checked|looked at|examined|"
            rf"evaluated|assessed)(?: out)? by (?:[\w-]+ ){{0,3}}{w.EXPERT}\b"
        ),
        r"\bi(?:'d| would) rather you\b",
        (
            r"\b(?:consult(?:ing)?|see|ask(?:ing)?|contact(?:ing)?|speak(?:ing)? (?:to|"
            r"with)|talk(?:ing)? (?:to|with)|turn to|go to|visit|refer to|call|reach out to|"
            r"seek(?: advice| help| guidance| an opinion)? (?:from|of)|check with|get (?:in "
            r"touch with|an opinion from|it checked by)|have|let|find|book with|show (?:it|"
            r"this|them|the \w+) to|discuss (?:it|this|that|the \w+|your \w+) with|bring "
            r"(?:it|this|the \w+) to|take (?:it|this|that|the \w+|this \w+|your \w+) to|"
            r"make an appointment with) (?:with )?(?:an?|the|your|their|his|her|own|one|"
            rf"any)?{LEAD} ?{w.EXPERT}\b"
        ),
        (
            rf"\bonly (?:an?|the|your)?{LEAD} ?{w.EXPERT} (?:can|could|should|"
            r"may|is|are|will|would|has|have)"
        ),
        (
            rf"\b(?:an?|the|your)(?: [\w-]+){{0,3}} {w.EXPERT} (?:is|are|would be|will be|"
            r"can|could|should|must|needs? to|has to|ought to|will need to) (?:the |best |"
            r"better |far |able |in |to |be |need |also )*(?:right|best|better|tell|help|"
            r"answer|advise|decide|judge|interpret|read|review|assess|evaluate|look|make|"
            r"give|provide|explain|know|examine|confirm|say|able|position|placed|do|one)\b"
        ),
        (
            rf"\b(?:require|need|await|deserve|call for|demand|want)s?\b{WORD}{{0,8}}? "
            rf"(?:expert|{w.EXPERT}|professional|official|formal|licen[cs]e|in-person|"
            r"clinical (?:exam|judg|expert|eval)\w*)\b(?! follow)"
        ),
        (
            r"\b(?:come from|left (?:to|for)|leave (?:it|this|that|\w+) (?:to|with|for)|"
            r"made by|belongs? (?:to|with|in)|written by|(?:matter|question|job|task|"
            r"decision|call|one) (?:for|of)|answered by|interpreted by|read by|evaluated by|"
            r"assessed by|reviewed by|directed to|addressed to|addressed by|handled by|go "
            r"to|up to|reserved for|defer(?:red)? to|in the hands of|responsibility of|role "
            r"of|purview of|provided by|given by|done by|issued by|determined by|those who) "
            rf"(?:an?|the|your)? ?(?:[\w'-]+ ){{0,4}}?{w.EXPERT}\b"
        ),
        (
            r"\b(?:better|best|ideal|right|appropriate|more suitable) (?:source|placed|"
            r"person|qualified|one|to ask|suited)\b"
        ),
        (
            r"\b(?:seek|get|obtain) (?:\w+ ){0,3}(?:medical|professional|clinical|expert) "
            r"(?:\w+ )?(?:advice|help|opinion|attention|care|evaluation|review)\b|"
            r"\bin-person (?:exam\w*|evaluation|visit|consultation)"
        ),
        (
            r"\bi(?:'d| would)? (?:\w+ )?(?:suggest|recommend|advise|urge|"
            rf"encourage)\b{WORD}{{0,8}}? {w.EXPERT}\b"
        ),
        (
            r"\bshould be (?:asked|consulted|contacted)\b|\bgo (?:and )?(?:ask|bother|find|"
            r"see|consult)\b"
        ),
        (
            r"\bask (?:the|your) (?:patient|family|person|hospital|owner)\b|\b(?:someone|"
            r"somebody|people|those|clinicians) (?:with|who)\b[^.]{0,60}\b(?:should|can|"
            r"could|know|must)\b"
        ),
        exception=(
            r"\b(?:if|when|once|as soon as|because|since)\b (?!you\b|needed|possible|i\b|"
            r"this is an)|\bfor confirmation\b|\bto (?:confirm|be safe|be sure)\b|\bnot "
            r"an? \w+,? but\b|(?:\bno|n't|\bnot) need\b|\bto have\b|\b(?:now|immediately|"
            r"right away|soon)\b|^(?:you (?:should|must|need to) )?(?:use|take|apply|"
            r"continue|keep|avoid|rest|drink|give|start|stop|wear|eat|monitor|clean|"
            r"repeat)\b|\bpatient (?:should|needs|must|is advised)\b|\bneeds an? (?:biopsy|ct|mri|"
            r"x-?ray)|\bwithin (?:a|an|the|one|two|three|\d+)\b|\b(?:urgent|immediate)\w*"
        ),
    ),
    way(
        "no picture",
        rf"\b{w.PICTURE}\b{WORD}{{0,6}}? {w.NO_PICTURE}",
        (
            r"\b(?:see|find|received?|get|got|have|has|contains?|there is|there's|there was|"
            rf"was|with) no (?:\w+ )?{w.PICTURE}\b|^(?:error|warning)?:? ?{w.PICTURE} "
            rf"(?:missing|not|un\w+|failed|error|blocked)|\bno (?:\w+ )?{w.PICTURE} (?:here|"
            r"there|in (?:the|this|your|our)|attached|found|yet|came|to)\b"
        ),
        (
            rf"(?:n't|\bnot)(?: (?:appear|seem)s? to be)? (?:an?|any)? ?(?:\w+ )?{w.PICTURE} "
            r"(?:here|in your|in the (?:message|conversation|chat)|attached|with|in this)\b|"
            r"\bnothing (?:behind|attached|there|arrived|came|was (?:sent|attached|"
            r"uploaded))\b"
        ),
        (
            r"\b(?:please|kindly|could you|can you|would you|try|may i ask you to|you "
            r"(?:may|might|could|can|should|need to|would have to)) (?:\w+ "
            r")?(?:re-?)?(?:attach|upload|send|supply|provide|share|rephras|reformulat|"
            r"submit|ask|clarif|specif|re-?word|try|describe (?:it|the \w+) to|give|tell|"
            rf"post|repeat)(?:e|y|ing)?\b{WORD}{{0,8}}? ?(?:{w.ASKED_FOR}\b|me|$)"
        ),
        (
            r"\b(?:rephrase|resend|re-?upload|resubmit)\b|\bcleaner (?:copy|image)\b|"
            r"^(?:what|which \w+|how)(?: else)? (?:would you like|do you want|can i|may i|"
            r"might i|could i|should i|else)\b"
        ),
        (
            r"\bwhy (?:do |would |are )?you\b|\bwhat (?:are|do) you (?:talking|mean|want|"
            r"referring)\b|\bmay i ask why\b"
        ),
    ),
    way(
        "poor picture",
        r"\bnothing (?:is |was )?(?:recogni[sz]able|discernible|legible|readable)\b",
        (
            r"\b(?:noise|grain|static|blur|artefacts?) (?:\w+ )?(?:hides?|obscures?|"
            r"covers?|masks?) (?:it all|everything|too much|all)\b"
        ),
        (
            r"\b(?:noise|grain|speckle|blur|static|artefacts?|artifacts?|quality|resolution|"
            rf"{w.PICTURE}|exposure|degradation|distortion|corruption|snow)\b{WORD}{{0,6}}? "
            r"(?:prevents?|precludes?|makes? (?:it|this|any|an)|hinders?|(?:not|n't|never) "
            r"(?:permit|allow|let|support|sufficient|adequate|good enough|enough|"
            r"interpretable|readable|diagnostic|usable|possible)|keeps? me|beyond|"
            r"insufficient|inadequate|non-?diagnostic|unreadable|uninterpretable|unusable|"
            r"useless|illegible|rules? out (?:any|an)|defeats?|impossible|drowns?|destroys?|"
            r"nothing|degraded|all i|too (?:\w+ ){0,4}?(?:to|for)|too (?:\w+ )?(?:noisy|"
            r"blurr\w+|degraded|grainy|dark|poor|low|bad))\b"
        ),
        (
            r"^(?:(?:it|this|that)(?:'s| is)? )?(?:far |way |much )?too (?:much )?(?:noisy|"
            r"noise|blurr\w+|degraded|grainy|grain|dark|poor|low|bad|corrupted|unclear|"
            r"pixelated|distorted)\b"
        ),
        (
            rf"\b(?:better|clearer|cleaner|higher[- ]\w+) (?:\w+ )?{w.PICTURE}\b|^repeat "
            r"(?:\w+ )?(?:recommended|required|needed|advised)\b"
        ),
        (
            r"\bnothing (?:\w+ ){0,2}(?:can|could) be (?:\w+ )?(?:recogni[sz]ed|made out|"
            r"seen|identified|read|discerned|said)\b|\b(?:is|are) (?:all|just|only|nothing "
            r"but|pure) (?:noise|static|blur|snow|grain)\b|\beverything is (?:blurred|dark|"
            r"white|black|noise)|\b(?:only|just|nothing but|mere|pure) (?:noise|static)\b|"
            r"\b(?:is|are) unintelligible\b|\ball i (?:can )?see is (?:\w+ )?(?:static|noise|"
            r"white|black|grain|snow|nothing)"
        ),
        (
            rf"^(?:this|the|your|that) {w.PICTURE} (?:is (?:not|n't)|isn't|can't be|cannot "
            r"be) (?:\w+ )?(?:clear(?: enough)?|read|used|interpreted|of (?:\w+ )?quality|"
            r"diagnostic|usable|legible|readable|viewable|viewed|opened|displayed|seen|"
            r"evaluated|assessed|analy\w+)\W*$"
        ),
        (
            r"\btoo much (?:noise|grain|blur|distortion|static)\b|\bimpossible to (?:make|"
            r"read|see|interpret)\b"
        ),
    ),
)
