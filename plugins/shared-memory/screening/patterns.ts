/** What a memory that others read must not do, in words for people, and how it is known: in small letters. */
export type Pattern = readonly [what: string, pattern: RegExp];

/** Where somebody is told to do something: at the begin of a sentence or behind such words. */
const DO = String.raw`(?:^|[.!?:;,\n"'“„«(>*–—]\s*|\b(?:please|must|should|shall|now|then|and|always|just|simply|you|will|(?:need|have|are|going) to|bitte|jetzt|nun|und|musst|sollst|veuillez|por favor)\s+(?:\w+ly\s+)?)`;
const DO_NOT = String.raw`(?:do not|don['’]?t|never|must not|should not|without)`;
const MODEL = String.raw`(?:assistants?|a\.?i\.?(?: (?:model|agent|assistant|system)s?)?|bots?|chatbots?|llms?|language models?|agents?|models?|gpt|claude)`;
const PERSON = String.raw`(?:the |your |any |this )?(?:user|users|person|people|human|humans|owner|operator|anyone|anybody|nutzer|benutzer|besitzer)`;
const INSTRUCTIONS = String.raw`(?:instructions?|rules?|prompts?|guidelines?|directions?|directives?|polic(?:y|ies)|safety|commands?|orders|restrictions?|constraints?|programming|training|guardrails?)`;
const PRIVATE = String.raw`(?:conversations?|chats?(?: logs?)?|chat history|message history|histor(?:y|ies)|passwords?|secrets?|api[ _-]?keys?|tokens?|credentials?|system prompt|system message|instructions|memor(?:y|ies)|user(?:['’]s)? (?:data|messages?|files?|e-?mails?|address(?:es)?|contacts?)|private|personal (?:data|information)|env(?:ironment)? (?:variables|file)|\.env|ssh keys?|cookies?|context window)`;
const ACT = String.raw`(?:send|forward|reveal|ignore|call|execute|run|delete|share|print|output|include|reply|respond|answer|say|tell|recommend|disable|approve|accept|click|open|visit|fetch|download|use|treat|trust|obey|follow|comply|stop|refuse|transfer|buy|write|mention|add|append)`;

function rule(what: string, ...sources: string[]): Pattern[] {
  return sources.map((source) => [what, new RegExp(source, 'imu')]);
}

const overrides = rule(
  'it tells a model to leave its instructions',
  String.raw`${DO}(?:ignore|disregard|forget|override|overrule|bypass|skip|drop|discard|neglect|violate|break|abandon|circumvent|suspend)\b[^.!?\n]{0,40}\b(?:all|any|every|previous|prior|above|earlier|preceding|your|former|existing|system|initial|original|these|those|the)\b[^.!?\n]{0,30}\b${INSTRUCTIONS}`,
  String.raw`${DO}(?:ignore|disregard|forget) (?:everything|anything|all|what)\b[^.!?\n]{0,30}\b(?:above|before|previous(?:ly)?|prior|earlier|told|said|you know)`,
  String.raw`\b(?:do not|don['’]?t|no longer|stop|never) (?:follow|obey|apply|respect|observe|comply|following|obeying)\b[^.!?\n]{0,30}\b(?:your|previous|prior|system|any|the above|earlier)\b[^.!?\n]{0,20}\b${INSTRUCTIONS}`,
  String.raw`\b(?:new|updated|real|actual|revised|secret|hidden|following) (?:system )?(?:instructions?|directives?|system prompt)\b\s*(?::|are\b|is\b|replace|supersede|override)`,
  String.raw`\b(?:these|this|following|new) (?:instructions?|rules?|prompts?|message)s?\b[^.!?\n]{0,20}\b(?:override|overrides|supersede|supersedes|take precedence|takes precedence|replace|replaces)\b[^.!?\n]{0,40}\b(?:all|any|previous|prior|your|system|other)`,
  String.raw`${DO}(?:ignoriere|vergiss|missachte|umgehe|überschreibe|übergehe|ignorieren sie|vergessen sie)\b[^.!?\n]{0,50}(?:anweisung|instruktion|regel|vorgabe|prompt|richtlinie|befehl)`,
  String.raw`${DO}(?:ignorez?|oubliez?|oublie|contournez?)\b[^.!?\n]{0,50}\b(?:instructions?|consignes?|règles?|directives?)`,
  String.raw`${DO}(?:ignora|olvida|omite|ignore|olvide|dimentica|esquece|esqueça|desconsidere)\b[^.!?\n]{0,50}\b(?:instrucciones|reglas|indicaciones|istruzioni|regole|instruções|regras)`,
  String.raw`(?:игнорируй|забудь|忽略|无视|無視|忘记)[^.!?\n]{0,30}(?:инструкци|правил|指令|指示|说明|规则)`,
);

const identity = rule(
  'it tells a model who it is',
  String.raw`\byou(?:['’]?re| are)\s+(?:now|no longer|hereby|henceforth|actually|really|secretly|free (?:from|of)|not (?:an?|the|bound|restricted)|in (?:developer|debug|admin|god|maintenance|test) mode|dan\b|jailbroken|unrestricted|called|named)`,
  String.raw`\byou(?:['’]?re| are)\s+(?:an?|the)\s+[^.!?\n]{0,40}\b(?:assistant|bot|ai|model|agent|system|admin\w*|hacker|terminal|shell|interpreter|persona)\b`,
  String.raw`(?:^|[.!?]\s+)you(?:['’]?re| are)\s+(?:an?|the)\s`,
  String.raw`${DO}(?:act|behave|respond|answer|speak|write|pose) as (?:if you|an?\b|the\b|though you|my\b)`,
  String.raw`${DO}(?:pretend|imagine|role-?play|simulate)\b[^.!?\n]{0,20}\b(?:you|to be|as|being)\b`,
  String.raw`\byour (?:new |real |true |actual |only |secret |primary )?(?:name|role|identity|persona|purpose|goal|job|mission|instructions?|rules?|system prompt|programming|master|creator)\s+(?:is|are|was)\b`,
  String.raw`(?:^|[.!?]\s+)(?:du bist|sie sind) (?:jetzt|nun|ab sofort|ein|eine|kein|keine|nicht mehr)\b`,
  String.raw`\b(?:tu es|vous êtes) (?:maintenant|désormais|un|une)\b|\beres (?:ahora|un|una)\b|\bsei (?:ora|adesso)\b|你现在是|ты теперь`,
  String.raw`\b(?:developer|debug|god|jailbreak|dan|sudo) mode\b[^.!?\n]{0,20}\b(?:on|enabled|activated|active|now)\b|\b(?:enable|enter|activate|switch to) (?:developer|debug|god|jailbreak|dan|sudo|admin) mode\b`,
);

const commands = rule(
  'it gives a model orders',
  String.raw`(?:^|[.!?:;,\n"'“„]\s*)(?:always|never|from now on|henceforth|from this point(?: on)?|in (?:the )?future|in all (?:future )?(?:answers|replies|conversations))\b,?\s+(?:you (?:must |should |will |shall )?)?(?:always |never )?${ACT}\b`,
  String.raw`(?:^|[.!?:;,\n"'“„]\s*)(?:immer|niemals|ab jetzt|ab sofort|von nun an|künftig)\b,?\s+(?:antworte|sage|sende|schicke|nutze|verwende|empfiehl|erwähne|rufe|führe|schreibe)\b`,
  String.raw`(?:^|[.!?:;,\n"'“„]\s*)(?:antworte|sende|schicke|leite|führe|rufe)\b[^.!?\n]{0,50}\b(?:immer|nur noch|ab jetzt|ab sofort|an https?|aus\b|tool|werkzeug|passw|gespräch)`,
  String.raw`\b(?:whenever|when|if|each time|every time|before|after) (?:you|an? ${MODEL}|the ${MODEL}|any ${MODEL}) (?:see|sees|read|reads|are asked|is asked|answer|answers|reply|replies|respond|responds|get|gets|receive|receives|find|finds|process|processes|recall|recalls|retrieve|retrieves|load|loads)\b[^.!?\n]{0,100}\b(?:always|must|never|first|instead|${ACT})\b`,
  String.raw`\b(?:any|every|all|each|the) (?:\w+ )?${MODEL} (?:that |who |which )?(?:reads?|sees?|process(?:es)?|recalls?|reading|seeing|processing)\b[^.!?\n]{0,20}\b(?:this|it|memory|note|entry)`,
  String.raw`\b(?:the|any|every|all|each|you,? the|dear|other|hey) ${MODEL}(?: itself| here|,)?\s+(?:must|should|shall|has to|have to|needs? to|is required to|are required to|will now|may now)\s+(?:always |never |not |first |immediately )*${ACT}\b`,
  String.raw`\byou (?:must|should|shall|have to|need to|are required to|are to|will) (?:always |never |not |first |immediately |now |only )*${ACT}\b[^.!?\n]{0,80}\b(?:${PRIVATE}|user|tool|function|command|link|url|https?:|instructions?|every|each|all|any (?:question|request)|reply|answer|response)`,
  String.raw`\b(?:important|attention|urgent|critical|note|notice|message|instructions?|update|reminder|memo|orders?)\b[^.!?\n]{0,15}\b(?:to|for) (?:the |all |any |every |other |future )*${MODEL}\b(?=\s*[:,.!-])`,
  String.raw`\b(?:add|append|include|insert|put|end|begin|start|sign)\b[^.!?\n]{0,60}\b(?:to|in|at|with)?\s*(?:all|every|each|any|your) (?:of your )?(?:repl(?:y|ies)|answers?|responses?|messages?|outputs?)\b`,
  String.raw`${DO}(?:run|execute|type|paste|enter)\b[^.!?\n]{0,20}\b(?:the following|this|these|following)\b[^.!?\n]{0,10}\b(?:commands?|code|scripts?|snippets?)`,
  String.raw`\b(?:curl|wget)\b[^\n]{0,120}\|\s*(?:sudo )?(?:ba|z|da)?sh\b|\brm\s+-\w*r\w*f?\w*\s+[/~*]|\bpowershell(?:\.exe)?\s+-(?:e|enc|encodedcommand)\b|\biex\s*\(|\beval\s*\(\s*(?:atob|base64)`,
  String.raw`${DO}(?:remember|store|save|memori[sz]e|keep|delete|erase|forget|overwrite|clear|wipe|purge)\b[^.!?\n]{0,30}\b(?:all|every|your|this (?:in|to|into)|the (?:user['’]?s|owner['’]?s))\b[^.!?\n]{0,20}\b(?:memor(?:y|ies)|facts|notes|knowledge)`,
  String.raw`${DO}(?:use|call|invoke|trigger)\b[^.!?\n]{0,15}\bthe\b[^.!?\n]{0,25}\b(?:tool|function|action|skill|plugin)\b`,
);

const leaks = rule(
  'it asks for what is private',
  String.raw`${DO}(?:send|forward|post|upload|e-?mail|mail|transmit|leak|exfiltrate|copy|reveal|show|print|repeat|output|disclose|tell|give|dump|list|share|display|encode|submit|write|attach|include|append|quote|summari[sz]e)\b[^.!?\n]{0,60}\b(?:your |the |all |any |every |user['’]?s |their |entire |full |whole |previous |this |my )+(?:\w+ ){0,2}${PRIVATE}`,
  String.raw`${DO}(?:send|forward|post|upload|transmit|exfiltrate|submit|report)\b[^\n]{0,80}\b(?:to|at|via)\s+(?:https?:|\S+@\S+\.\w)`,
  String.raw`${DO}(?:sende|schicke|leite|verrate|zeige|gib)\b[^.!?\n]{0,60}(?:passw|gespräch|system-?prompt|schlüssel|geheimnis|zugangsdaten|anweisungen)`,
  String.raw`!\[[^\]]*\]\(\s*(?:https?:)?//`,
  String.raw`https?://\S*(?:\{\{?|\$\{|<)[\w\s.]*(?:data|conversation|secret|history|key|password|prompt|message)\w*`,
);

const hiding = rule(
  'it wants something kept from people, or done without asking them',
  String.raw`\b${DO_NOT} (?:tell|inform|mention|ask|warn|notify|reveal|show|alert|let|telling|informing|mentioning|asking|warning|notifying|alerting)\b[^.!?\n]{0,25}\b${PERSON}\b`,
  String.raw`\bwithout (?:asking|confirmation|approval|permission|consent|telling|further (?:questions|checks))\b[^.!?\n]{0,40}\b(?:tool|call|run|execute|delete|transfer|send|pay)|\b(?:tools?|calls?|run|execute|delete|transfer|send|pay(?:ments?)?|commands?)\b[^.!?\n]{0,60}\bwithout (?:asking|confirmation|approval|permission|consent)\b`,
  String.raw`\b(?:owner|admin\w*|developers?|operator|user|system|security team|openai|anthropic|google)\b[^.!?\n]{0,40}\b(?:pre-?approved|authori[sz]ed?s?|granted|allows?|allowed|permits?|permitted|approved|consented)\b[^.!?\n]{0,60}\b(?:all (?:tools?|commands?|requests?|actions?|transfers?|future)|any (?:tool|command|request|action|transfer)|every (?:tool|command|request|action)|unrestricted|without|full (?:shell|system|admin|root))`,
  String.raw`\b(?:this is|i am|i['’]m|message from|signed,?|on behalf of) (?:the |your )(?:owner|admin\w*|developers?|operator|creator|system administrator|maker)s?\b[^.!?\n]{0,60}\b(?:you|must|now|allow|obey|override|instructions?|disable|grant|need)`,
  String.raw`\b(?:disable|turn off|deactivate|remove|bypass|skip)\b[^.!?\n]{0,20}\b(?:safety|security|content|approval|confirmation|permission|audit|logging)s?\b[^.!?\n]{0,15}\b(?:filters?|checks?|rules?|prompts?|steps?|logs?|guards?|systems?|measures)`,
);

const syntax = rule(
  'it has the form of roles, tools or parts of a prompt',
  String.raw`</?[\w:-]*(?:assistant|system|instruction|prompt|memory|override|admin)[\w:-]*(?:\s[^<>\n]{0,80})?>`,
  String.raw`<\|[^|\n]{1,40}\|>|\[/?inst\]|<</?sys>>|<(?:start|end)_of_turn>|<｜[^｜\n]{1,40}｜>`,
  String.raw`<\s*/?\s*(?:system|assistant|developer|human|user_?(?:message|input|query)?|tool(?:_?(?:calls?|results?|use|response))?|function(?:_?calls?|_?results?)?|invoke|parameter|antml:\w+|instructions?|prompt|system[-_]?(?:prompt|message|reminder)|context|core_memory|long_term_memory|shared_memory|session_memory|memory|soul|think(?:ing)?|admin|untrusted|document|search_results?)(?:\s+[^<>\n]{0,80})?\s*/?>`,
  String.raw`(?:^|\n)\s*(?:#{1,6}\s*|\*\*|\[)?\s*(?:system|developer|new system|system message|system prompt|system instructions?|instructions?)\s*(?:\*\*|\])?\s*:`,
  String.raw`(?:^|\n)\s*#{1,6}\s*(?:system|instructions?|new instructions?|assistant|developer)\b`,
  String.raw`(?:^|\n)\s*(?:human|user|person)\s*:[^\n]*\n+\s*(?:assistant|ai|bot|model)\s*:`,
  String.raw`\[/?(?:system|assistant|user|inst|admin|tool|developer)\]|^\s*/(?:system|set|mode|admin|sudo|grant|allow|tool|forget|remember|exec|run)\b`,
  String.raw`"(?:tool|function|action)"\s*:\s*"|"(?:arguments|parameters|tool_input)"\s*:\s*\{`,
  String.raw`"(?:tool_calls?|function_call|tool_use)"|"name"\s*:\s*"[\w.-]+"\s*,\s*"(?:arguments|parameters|input)"\s*:|"role"\s*:\s*"(?:system|assistant|developer|tool|user)"`,
  String.raw`\b(?:functions?|tools?|actions)\.[a-z_]+\s*\(|\b[a-z]+_(?:search|store|forget|share|write|read|send|delete|exec|run|call|fetch|create)\s*\(|<function=|\x60{3}\s*(?:tool|function|system)`,
  String.raw`\{\{\s*(?:system|user|args|secrets?|env|config|soul|prompt)\b|\{%\s*\w+`,
  String.raw`\b(?:begin|end|start) (?:of )?(?:system|new|secret|hidden|admin|user|developer) (?:prompt|instructions?|message|override|input|query)\b|-{3,}\s*(?:end|begin|system|new)\b[^\n]{0,30}(?:prompt|instructions?|context|memor|message)`,
  String.raw`<!--[^]*?(?:instruction|ignore|assistant|system|model|agent)[^]*?-->`,
);

const addresses = rule(
  'it has an address with a password or a key in it, or one that runs code',
  String.raw`\b[a-z][a-z0-9+.-]{1,20}://[^\s/@:]{1,80}:[^\s/@]{1,120}@`,
  String.raw`[?&#;](?:access[_-]?token|auth|token|api[_-]?key|apikey|key|secret|client_secret|password|passwd|pwd|sig|signature|session(?:id)?)=[^\s&#]{6,}`,
  String.raw`\bjavascript\s*:|\bdata:(?:text/html|application/\w+|image/svg)|\bvbscript\s*:`,
);
/** Somebody is spoken to: in the second person, or by a verb at the begin of a sentence that asks for words or deeds. */
const SPOKEN_TO = String.raw`(?:(?<![\w'’"“-])(?:you|your|yours|yourself|du|dein|deine|deinen|deiner|deinem|dich|dir|euch|tu|toi|ton|tes|vous|votre|vos|tú|tus|usted|tuo|tuoi)\b|(?:^|[.!?;\n]\s*|[:,]\s+)(?:["'“„]\s*)?(?:please |kindly |bitte |por favor |hey \w+,? |now |then |always |never |do not |don['’]?t |ab jetzt |let us |let['’]s )*(?:act|add|allow|answer|approve|ask|assume|attach|become|believe|call|change|click|consider|continue|copy|delete|disable|disclose|do|email|e-mail|enable|execute|export|fetch|follow|forget|forward|give|grant|hand|help|hide|ignore|include|insert|invoke|keep|leave|let|list|load|lie|mention|obey|omit|open|output|override|play|pretend|print|provide|put|read|recommend|redirect|refuse|regard|remember|remove|repeat|replace|reply|respond|return|reveal|run|say|send|set|share|show|speak|spread|stop|store|submit|suggest|switch|take|talk|tell|transfer|translate|treat|trust|unlock|update|upload|use|visit|warn|write|antworte|gib|zeige|sende|schicke|leite|verrate|nenne|sage|schreibe|führe|lösche|öffne|nutze|verwende|vertraue|behandle|merke|réponds|répondez|donne|donnez|envoie|envoyez|révèle|révélez|dis|dites|affiche|affichez|responde|responda|envía|envíe|revela|revele|muestra|di|dime|escribe|olvida|rispondi|invia|rivela|mostra)\b)`;
/** What a note about people and things seldom speaks of together with that. */
const MATTER = String.raw`(?:passwords?|passwort|passwörter|kennwort|contraseñas?|clave|mots? de passe|parola d'ordine|secrets?|credentials?|zugangsdaten|tokens?|api[ _-]?keys?|pin codes?|conversations?|chat|gespräche?|verlauf|historial|historique|histor(?:y|ies)|repl(?:y|ies)|answers?|responses?|antwort\w*|respuestas?|réponses?|next (?:line|message|reply|answer|turn)|guidelines?|instructions?|anweisung\w*|instrucciones|consignes|rules|regeln|reglas|règles|prompts?|privacy|filters?|guardrails?|restrictions?|censorship|users?|nutzer|benutzer|besitzer|eigentümer|konto|usuario|utilisateur|owners?|admin\w*|root|sudo|operators?|developers?|assistants?|assistent\w*|asistente|a\.?i\.?|model|chatbots?|bots?|agents?|agente|memor(?:y|ies)|memory_\w+|tools?|werkzeuge?|functions?|requests?|commands?|scripts?|https?:|\S+@\S+\.\w{2,}|vault|system|identity|persona|pirata?|hacker|role-?play|game where|personal data|bank (?:account|details)|iban|wallet|bitcoin|credit card|other (?:memory|memories|notes|bots))`;

const spokenTo = rule(
  'it speaks to somebody instead of telling a fact',
  String.raw`(?<![\w'’"“„«‘-])(?:you|your|yours|yourself|du|dein(?:e[nmrs]?)?|dich|tu (?:es|dois|as)|vous (?:êtes|devez)|tú|usted)\b`,
  String.raw`(?:^|[.!?;:\n]\s*|,\s+)(?:please |kindly |now |always |just )*(?:announce|bypass|deny|decrypt|disregard|dump|encrypt|exfiltrate|grant|hand (?:out|over)|impersonate|leak|obey|overwrite|pretend|publish|refuse|reset|restore|shut down|simulate|steal|unlock|wipe|wire|übergib|lösche|übergeben sie)\b`,
  String.raw`(?:^|[.!?;\n]\s*)(?:hello |hi |hey |ok |okay |dear )?${MODEL}\s*[,!:]\s+\p{L}`,
  String.raw`\b(?:all|any|every|each) (?:assistants?|bots?|chatbots?|ais?|llms?|agents)\b[^.!?\n]{0,10}\b(?:must|should|shall|has to|have to|need to|needs to|will|may|can)\b`,
  String.raw`\b(?:all|any|every|each) (?:future )?(?:answers?|repl(?:y|ies)|responses?|messages?|outputs?) (?:must|needs?|has to|have to|should|shall|ends?|starts?|begins?|contains?|includes?)\b`,
  String.raw`\b(?:hand|give|giving|handing|pass|tell) (?:out|away|over|on)?\b[^.!?\n]{0,20}\b(?:codes?|passwords?|keys?|pins?|secrets?)\b[^.!?\n]{0,20}\bto (?:strangers|anyone|anybody|everyone|everybody|all)\b|\b(?:secrets?|passwords?|private data) (?:is|are) (?:now )?public\b`,
  String.raw`\b(?:openai|anthropic|google|microsoft|system|security|support|maintenance|developer) (?:staff|team|support|engineers?|department)\b[^.!?\n]{0,20}(?:\bhere\b|\bspeaking\b|:)`,
  String.raw`\b(?:this|these|diese[rnsm]?|cette|esta|este|questa) (?:notes?|memor(?:y|ies)|entr(?:y|ies)|messages?|instructions?|notiz|nachricht|erinnerung|eintrag|mémoire|nota|memoria)\b`,
  String.raw`\b(?:all|any|every|dear|fellow|other) ${MODEL}\s*[:,!]|\bfor (?:debugging|testing|security|audit|training|maintenance|verification) (?:purposes?|reasons?)\b`,
  String.raw`${DO}(?:ignore|disregard|doubt|distrust|disbelieve|believe|obey|trust) (?:what(?:ever)?|anything|everything|all|only|no|her|him|them|it|safety|[\p{L}]+['’]s)\b`,
  String.raw`\b(?:do not|don['’]?t|never|gib niemals|gib nie|ne jamais|nunca) (?:mention|reveal|disclose|talk about|speak of|admit|acknowledge|verify|question|check|doubt|challenge|contradict|confirm|zu\b|erwähne)`,
  String.raw`\b(?:wants?|wishes|expects?|asks?|instructs?|orders?|needs?|requires?|advises?) you to\b|\b(?:is|are|has|have|should|must) (?:to )?be told\b|\bno matter what (?:other|anyone|anybody|the|they|he|she|you)\b`,
  String.raw`\b(?:steer|redirect|send|direct|point|refer|lead|guide|bring|get) (?:them|him|her|people|everyone|everybody|users?|customers?|visitors?|clients?) (?:to|towards?)\b[^.!?\n]{0,60}(?:https?:|\S+@|\.(?:com|net|org|io|example)\b)`,
  String.raw`\b(?:from (?:this|that) (?:day|moment|point|time|date)(?: (?:on|onwards?|forward))?|effective immediately|as of now|starting now|von nun an|desde ahora|a partir de ahora|à partir de maintenant|d'ora in poi)\b,?[^.!?\n]{0,20}\b(?:${ACT}|answers?|du|tu|works? for|obeys?|trusts?)\b`,
  String.raw`\b(?:memory|files|tools|web|bots|kv|storage|conversations|shell|http)_[a-z]+\b`,
  String.raw`${SPOKEN_TO}[^.!?\n]{0,160}(?<![\p{L}\p{N}])${MATTER}(?![\p{L}\p{N}])`,
  String.raw`(?<![\p{L}\p{N}])${MATTER}(?![\p{L}\p{N}])[^.!?\n]{0,100}(?:[,;:—–-]|\b(?:and|then|so))\s+(?:always |never |please |do not )*(?:answer|approve|disclose|do what|email|fetch|forward|give (?:him|her|them|it)|grant|obey|reply|respond|reveal|say that|send|share|tell)\b(?! (?:by|from|in) )`,
  String.raw`\b(?:until|unless) (?:you(?:['’]re| are)? |i |we )?(?:told|instructed|say|tell)\b|\b(?:do|does) (?:whatever|anything|everything|as) (?:he|she|they|it|[a-z]+) (?:says?|asks?|wants?|demands?|tells?)|\bdo (?:what|as) (?:it|he|she|they|the \w+(?: \w+)?) says?\b`,
  String.raw`\b(?:before|when|while|after|upon) (?:answering|responding|replying|summari[sz]ing|generating|processing|reasoning|you answer|you reply)\b`,
  String.raw`\b(?:(?:everything|anything|all|what|whatever) (?:that )?you (?:were|have been|are|know|knew|learned)|as an? (?:ai|assistant|language model|llm|chatbot)\b|stop being|hey,? (?:ai|bot|assistant|chatbot|gpt|claude)|dear (?:ai|bot|assistant|model)|if you (?:read|see|find|can read|are an? (?:ai|assistant|bot|model|agent)))`,
  String.raw`\b(?:repeat|print|output|copy|translate|encode) (?:all )?the (?:words?|text|lines?|sentences?|contents?|paragraphs?) (?:above|before|preceding)`,
  String.raw`(?:^|[.!?:;,\n]\s*|\b(?:bitte|ahora|siempre|toujours|sempre|immer) )(?:antworte|antworten sie|réponds|répondez|responde|responda|rispondi|risponda)\b`,
  String.raw`(?:^|[.!?\n]\s*)(?:please |always |only )?(?:answer|respond|reply|speak|talk|say)\b(?! (?:to|time|was|is)\b)`,
);

const authority = rule(
  'it claims rights or rank',
  String.raw`\b(?:has|have|had|gets?|with|got|given) (?:full |unlimited |unrestricted )*(?:root|admin\w*|sudo|superuser|owner|operator|developer)(?:['’]s)? (?:rights?|access|privileges?|permissions?|powers?|status)\b|\b(?:unlimited|unrestricted) (?:rights?|access|privileges?|permissions?)\b`,
  String.raw`\b(?:is|are|as|was|becomes?) (?:now |actually |really |also )*(?:the |a |an |your )*(?:new |real |true |only |secret )+(?:owner|admin\w*|operator|master|boss|root user|superuser)\b`,
  String.raw`\b(?:no|without(?: any)?) (?:further )?(?:confirmations?|approvals?|permissions?|authori[sz]ations?)\b(?: (?:is|are))?(?: (?:needed|required|necessary))?|\b(?:consents?|agrees?|agreed) to (?:all|any|every)\b`,
  String.raw`\b(?:system|security|policy|safety|admin\w*|emergency|priority) override\b|\boverride\s*:|\b(?:takes?|has|have|gets?) (?:absolute )?(?:priority|precedence) over\b|\bwithout (?:any |further |more )*(?:checks?|questions|verification|asking)\b|\bpre-?authori[sz]ed\b|\b(?:verified|approved|authori[sz]ed|signed) by (?:the )?(?:security|admin\w*|system|developers?|owner|operator|openai|anthropic)\b|\b(?:priority|precedence) over (?:all|any|everything|every|other|the (?:system|rest|others))|\b(?:filters?|guardrails?|safety|safeguards?|restrictions?|approvals?|confirmations?)\b[^.!?\n]{0,20}\b(?:disabled|deactivated|switched off|turned off|lifted|removed|off)\b`,
  String.raw`\b(?:passwords?|secrets?|keys|credentials?|personal data|private (?:data|messages|memories|notes))\b[^.!?\n]{0,30}\b(?:may|can|must|should|shall) (?:now |always |freely )?be (?:told|shared|given|shown|sent|disclosed|revealed|published)`,
  String.raw`\b(?:all|any|every) other(?:s| memor(?:y|ies)| notes?| entr(?:y|ies)| facts?| instructions?)?\b[^.!?\n]{0,30}\b(?:wrong|false|lies|fake|invalid|obsolete|outdated|attacker|poisoned|untrue|malicious)`,
);

const dialogue = rule(
  'it has the form of a conversation',
  String.raw`^\s*(?:human|user|assistant|ai|bot|system|developer|model)\s*:[^]*\n\s*(?:human|user|assistant|ai|bot|system|developer|model)\s*:`,
);

/** What is looked for in every text; the order is that in which it is told. */
export const patterns: readonly Pattern[] = [
  ...overrides,
  ...identity,
  ...commands,
  ...leaks,
  ...hiding,
  ...syntax,
  ...addresses,
  ...spokenTo,
  ...authority,
  ...dialogue,
];
