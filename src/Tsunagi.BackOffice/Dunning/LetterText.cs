using System.Globalization;
using System.Text;
using Tsunagi.BackOffice.Documents;
using Tsunagi.BackOffice.Invoices;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Rating;

namespace Tsunagi.BackOffice.Dunning;

/// <summary>Fills the words in braces of a stage's letter. Pure.</summary>
internal static class LetterText
{
    /// <summary>What a template may name: who is written to, what is open (a line for each invoice), their sum, today, from when the next stage is, how long data is kept, who writes, where to pay.</summary>
    public static readonly IReadOnlyList<string> Fields = ["customer", "attention", "invoices", "total", "date", "next", "keep", "issuer", "bank"];

    /// <summary>What is wrong with a stage's letters, or null.</summary>
    public static Refusal? Check(DunningStage stage)
    {
        foreach (var letter in new[] { stage.En, stage.Ja })
        {
            if (letter is not { Subject.Length: > 0 and <= LetterTemplate.MaxSubject, Body.Length: > 0 and <= LetterTemplate.MaxBody }
                || letter.Subject.Any(char.IsControl) || letter.Body.Any(static c => char.IsControl(c) && c is not ('\n' or '\r')))
            {
                return Refusal.Invalid(
                    "backoffice.dunning.letter", "stages", $"a letter of the stage {stage.Id} is empty, too long, or holds control characters",
                    $"in English and Japanese, a subject of 1 to {LetterTemplate.MaxSubject} and a text of 1 to {LetterTemplate.MaxBody} characters");
            }

            if ((Unknown(letter.Subject) ?? Unknown(letter.Body)) is { } word)
            {
                return Refusal.Invalid("backoffice.dunning.field", "stages", $"a letter of the stage {stage.Id} names {{{word}}}, which is not known", string.Join(", ", Fields.Select(static field => "{" + field + "}")));
            }
        }

        return null;
    }

    /// <param name="next">From when the next stage is, if there is one.</param>
    public static (string Subject, string Body) Write(DunningProposal proposal, DunningTerms terms, IssuerOptions issuer, string issuerName, DateOnly? next)
    {
        var japanese = proposal.Account.Locale == "ja";
        var template = japanese ? proposal.Stage.Ja : proposal.Stage.En;
        var currency = Currency.Find(proposal.Account.Currency)!;
        var lines = proposal.Invoices.Select(invoice => string.Create(
            CultureInfo.InvariantCulture, $"  {invoice.Number}  {(japanese ? "支払期限" : "due")} {InvoiceBook.Text(invoice.Due)}  {currency.Format(invoice.OpenMinor)}"));
        var values = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["customer"] = proposal.Account.Name, ["attention"] = proposal.Account.Attention ?? "", ["invoices"] = string.Join('\n', lines), ["total"] = currency.Format(proposal.AmountMinor),
            ["date"] = InvoiceBook.Text(proposal.Account.Today), ["next"] = next is { } day ? InvoiceBook.Text(day) : "–", ["keep"] = terms.KeepDataDays.ToString(CultureInfo.InvariantCulture),
            ["issuer"] = issuerName, ["bank"] = Bank(issuer.Bank()),
        };
        return (Fill(template.Subject, values), Fill(template.Body.ReplaceLineEndings("\n"), values));
    }

    private static string Bank(BankDetails? bank) => bank is null ? "" : string.Join(' ', new[] { bank.BankName, bank.BranchName, bank.AccountNumber, bank.AccountHolder }.Where(static part => !string.IsNullOrEmpty(part)));

    // A value is never looked into for further fields: a customer's name may hold braces.
    private static string Fill(string template, IReadOnlyDictionary<string, string> values)
    {
        var text = new StringBuilder(template.Length + 200);
        for (var at = 0; at < template.Length;)
        {
            if (FieldAt(template, at) is { } field && values.TryGetValue(field, out var value))
            {
                text.Append(value);
                at += field.Length + 2;
                continue;
            }

            text.Append(template[at++]);
        }

        return text.ToString();
    }

    private static string? Unknown(string template)
    {
        for (var at = 0; at < template.Length; at++)
        {
            if (FieldAt(template, at) is { } field && !Fields.Contains(field))
            {
                return field;
            }
        }

        return null;
    }

    private static string? FieldAt(string template, int at)
    {
        var end = template[at] == '{' ? template.IndexOf('}', at) : -1;
        return end > at + 1 && template.AsSpan(at + 1, end - at - 1).ContainsAnyExceptInRange('a', 'z') is false ? template[(at + 1)..end] : null;
    }
}
