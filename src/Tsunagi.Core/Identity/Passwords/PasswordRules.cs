using Tsunagi.Core.Outcomes;

namespace Tsunagi.Core.Identity.Passwords;

/// <summary>
/// What may be a password: 12 characters or more, not a well-known one, not the user's own address. No rule asks for digits or signs: length is what
/// helps (NIST SP 800-63B section 5.1.1.2).
/// </summary>
public static class PasswordRules
{
    public const int MinLength = 12;
    public const int MaxLength = 256;
    private const string Allowed = "12 to 256 characters, not a well-known password, not your own address";

    // The part of the well-known lists that is long enough to pass the length rule; letters only matter, so digits and signs at the end are cut first.
    private static readonly HashSet<string> WellKnown = new(StringComparer.OrdinalIgnoreCase)
    {
        "password", "passwordpassword", "passw0rd", "p@ssw0rd", "p@ssword", "pa$$word", "letmeinletmein", "letmein", "qwertyuiop", "qwertyuiopasdf", "qwertyqwerty",
        "qwerty", "asdfghjkl", "asdfghjklzxcvbnm", "zxcvbnm", "qazwsxedc", "qazwsxedcrfv", "1qaz2wsx3edc", "1q2w3e4r5t6y", "1q2w3e4r", "administrator", "admin", "adminadmin",
        "adminadminadmin", "root", "rootroot", "rootrootroot", "welcome", "welcometo", "welcome1welcome", "changeme", "changemeplease", "changemenow", "iloveyou", "iloveyouforever",
        "monkeymonkey", "dragondragon", "sunshine", "sunshinesunshine", "princess", "football", "footballfootball", "baseball", "superman", "supermansuperman", "batmanbatman", "trustno",
        "trustnoonetrustno", "starwars", "starwarsstarwars", "masterpassword", "mysecretpassword", "mypassword", "mypasswordis", "thisismypassword", "correcthorsebatterystaple",
        "secretsecret", "secretsecretsecret", "testtesttest", "testtest", "tsunagi", "tsunagitsunagi", "provider", "providerprovider", "abcdefghijkl", "abcdefghijklmnop",
        "abcabcabcabc", "internetinternet", "computercomputer", "michaeljordan", "manchesterunited", "unbelievable", "administrador", "contraseña", "motdepasse", "passwort", "pasuwado",
    };

    /// <summary>Null when it may be used; else what is wrong, for the field "password".</summary>
    public static Refusal? Check(string password, string email)
    {
        if (password.Length is < MinLength or > MaxLength)
        {
            return Refused("password.length", $"the password has {password.Length} characters");
        }

        var core = password.TrimEnd("0123456789!?.,#$%&*+-_@ ".ToCharArray());
        if (core.Length == 0 || WellKnown.Contains(core) || WellKnown.Contains(password) || password.Distinct().Count() < 4 || IsRun(password))
        {
            return Refused("password.well-known", "this password is one of those that are tried first");
        }

        var local = email.Split('@')[0];
        return password.Contains(email, StringComparison.OrdinalIgnoreCase) || (local.Length >= 4 && core.Equals(local, StringComparison.OrdinalIgnoreCase))
            ? Refused("password.own-address", "the password is made of your own address")
            : null;
    }

    private static bool IsRun(string text)
    {
        var up = 0;
        var down = 0;
        for (var i = 1; i < text.Length; i++)
        {
            up += text[i] == text[i - 1] + 1 ? 1 : 0;
            down += text[i] == text[i - 1] - 1 ? 1 : 0;
        }

        return Math.Max(up, down) >= text.Length - 3;
    }

    private static Refusal Refused(string code, string message) => Refusal.Invalid(code, "password", message, Allowed);
}
