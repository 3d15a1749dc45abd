using System.Text.RegularExpressions;
using Tsunagi.Core.Outcomes;
using Tsunagi.Mail.Pages;
using Tsunagi.Tests.Testing;
using Tsunagi.Ui.Texts;

namespace Tsunagi.Tests.Ui;

/// <summary>A Japanese reader of a form never meets an English refusal: each code in the sources has Japanese words, or belongs to programs alone.</summary>
public class Refusals_in_japanese
{
    /// <summary>What only the API and the command line can say: no form of the console leads there.</summary>
    private static readonly string[] OfPrograms =
        ["apply.", "body.", "cursor.", "endpoint.", "field.", "idempotency.", "if-match.", "link.", "plan.", "request.", "search.", "sign-in.", "webhook.", "mail.try"];

    [Fact]
    public void Every_code_a_form_can_meet_has_japanese_words()
    {
        var codes = Repository.SourceFiles("*.cs").Where(static file => file.StartsWith("src", StringComparison.Ordinal))
            .SelectMany(static file => Regex.Matches(File.ReadAllText(Path.Combine(Repository.Root, file)), """(?:Refusal\.(?:Invalid|Conflict)\(|RefusalKind\.\w+,)\s*"([a-z0-9.-]+)"|Refused\("([a-z-]+\.[a-z-]+)",\s*[$"]"""))
            .Select(static match => match.Groups[1].Success ? match.Groups[1].Value : match.Groups[2].Value).Distinct()
            .Where(static code => !OfPrograms.Any(program => code.StartsWith(program, StringComparison.Ordinal))).ToList();
        Assert.True(codes.Count > 50, $"only {codes.Count} codes were found");
        RefusalWords[] words =
        [
            RefusalWords.Core, MailRefusals.Words, Tsunagi.Ddos.Pages.DdosRefusals.Words, Tsunagi.Connectivity.Pages.ConnectivityRefusals.Words,
            Tsunagi.Routers.Pages.RoutersRefusals.Words, Tsunagi.BackOffice.Pages.BackOfficeRefusals.Words,
        ];
        Assert.DoesNotContain(codes, code => !words.Any(known => known.Japanese.ContainsKey(code)));
    }

    [Fact]
    public void English_says_the_value_and_what_would_be_accepted_japanese_the_words_of_the_code()
    {
        var refusal = Refusal.Invalid("domain.name", "name", "\"a b\" is not a domain name", "at least two labels");
        Assert.Equal("\"a b\" is not a domain name (at least two labels)", RefusalWords.Say(refusal, [RefusalWords.Core], japanese: false));
        Assert.StartsWith("ドメイン名の形式", RefusalWords.Say(refusal, [RefusalWords.Core], japanese: true), StringComparison.Ordinal);
        Assert.Equal("No words", RefusalWords.Say(refusal with { Code = "none", Message = "no words", Allowed = null }, [RefusalWords.Core], japanese: true));
    }
}
