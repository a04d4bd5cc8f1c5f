"""What a guesser tries first: words and phrases that make no password, however long.

Lower case, without spaces. A password of nothing but these, with numbers and signs between, is
refused; one that merely has them in it is not.
"""

from __future__ import annotations

COMPANY = (
    *("bizsecure", "bizsec", "biz", "secure", "security", "hosting", "hoster", "webhosting"),
    *("scanalert", "geotrust", "hackersafe", "domain", "server", "website", "webmail", "portal"),
    *("controlpanel", "customer", "account", "billing", "backup", "certificate", "privacy"),
)
WORDS = (
    *("password", "passwort", "passphrase", "passcode", "motdepasse", "contrasena", "parola"),
    *("senha", "wachtwoord", "haslo", "passwd", "pass", "letmein", "welcome", "willkommen"),
    *("bienvenue", "changeme", "change", "trustno", "iloveyou", "loveyou", "ilove", "love"),
    *("hello", "admin", "administrator", "root", "user", "username", "login", "logon", "signin"),
    *("guest", "test", "testing", "demo", "default", "master", "secret", "topsecret", "access"),
    *("temporary", "temp", "example", "sample", "football", "baseball", "basketball", "soccer"),
    *("hockey", "superman", "batman", "spiderman", "pokemon", "starwars", "minecraft", "fortnite"),
    *("monkey", "dragon", "princess", "sunshine", "shadow", "flower", "summer", "winter"),
    *("spring", "autumn", "january", "february", "october", "november", "december", "september"),
    *("monday", "friday", "sunday", "michael", "jennifer", "jessica", "ashley", "daniel"),
    *("charlie", "jordan", "thomas", "internet", "computer", "samsung", "google", "facebook"),
    *("microsoft", "windows", "linkedin", "whatever", "freedom", "forever", "please", "mypass"),
    *("private", "jesus", "christ", "qazwsx", "edcrfv", "tgbyhn", "zaqxsw", "asdqwe", "qwe"),
    *("asd", "zxc", "abc", "xyz", "the", "my", "is", "this", "your", "our", "and", "not", "new"),
)
PHRASES = (
    *("correcthorsebatterystaple", "horsebatterystaple", "thequickbrownfox"),
    *("jumpsoverthelazydog", "jumpedoverthelazydog", "tobeornottobe", "thatisthequestion"),
    *("maytheforcebewithyou", "mayforcebewithyou", "iamyourfather", "winteriscoming"),
    *("onceuponatime", "happilyeverafter", "nevergonnagiveyouup", "nevergonnaletyoudown"),
    *("twinkletwinklelittlestar", "somewhereovertherainbow", "letitbeletitbe"),
    *("yellowsubmarine", "bohemianrhapsody", "stairwaytoheaven", "hotelcalifornia"),
    *("lordoftherings", "gameofthrones", "harrypotter", "dumbledore", "voldemort"),
    *("loremipsumdolorsitamet", "loremipsum", "helloworld", "itsasecret", "donttellanyone"),
    *("keepcalmandcarryon", "liveandletdie", "carpediem", "hakunamatata", "ilovemyfamily"),
    *("ilovemywife", "ilovemyhusband", "ilovemydog", "ilovemycat", "godisgreat", "ingodwetrust"),
    *("jesuslovesyou", "manchesterunited", "liverpoolfc", "realmadrid", "newyorkyankees"),
    *("dallascowboys", "chelseafootballclub", "unitedstatesofamerica", "fourscoreandseven"),
    *("wethepeople", "ihaveadream", "iwillalwaysloveyou", "allyouneedislove", "friendofemily"),
    *("nobodyknows", "openthedoor", "opensesame", "icanhascheezburger", "allyourbasearebelongtous"),
)
# Rows of keyboards and orders everybody knows; read in both directions.
RUNS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890123456789",
    "qwertyuiop",
    "qwertzuiop",
    "azertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "yxcvbnm",
    "1q2w3e4r5t6y7u8i9o0p",
    "q1w2e3r4t5y6u7i8o9p0",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
)
