using System.Text;
using Tsunagi.BackOffice.Bank;
using Tsunagi.Tests.Testing.Fuzz;

namespace Tsunagi.Tests.BackOffice.Bank;

/// <summary>Bank files: nothing throws; a refusal names places from 1 on; what is read adds up and has ids of its own, and is read the same again.</summary>
public abstract class BankFuzz : FuzzTarget
{
    private static readonly BankLimits Limits = new() { MaxEntries = 6, MaxFaults = 3, MaxFieldLength = 60, MaxElements = 60, MaxFileBytes = 8_000 };

    internal delegate bool Parse(byte[] file, BankLimits limits, out IReadOnlyList<BankStatement> statements, out IReadOnlyList<BankFault> faults);

    internal abstract Parse Parser { get; }

    public override int MaxOctets => 8_100;

    public override void Run(byte[] input)
    {
        if (!Parser(input, Limits, out var statements, out var faults))
        {
            Promise(statements.Count == 0 && faults.Count is > 0 and <= 3, "a refused file gives faults and nothing else");
            Promise(faults.All(fault => fault.Line >= 1 && fault.Column >= 1 && fault.Message.Length > 0), string.Join(' ', faults));
            return;
        }

        Promise(faults.Count == 0, "a file that is read has no fault");
        var ids = statements.SelectMany(statement => statement.Entries).Select(entry => entry.Id).ToList();
        Promise(ids.Count <= Limits.MaxEntries && ids.Distinct().Count() == ids.Count, "ids differ");
        foreach (var statement in statements.Where(statement => statement is { OpeningMinor: not null, ClosingMinor: not null }))
        {
            Promise(statement.OpeningMinor + statement.Entries.Sum(entry => entry.AmountMinor) == statement.ClosingMinor, "the balances add up");
        }

        Promise(Parser(input, Limits, out var again, out _) && ids.SequenceEqual(again.SelectMany(statement => statement.Entries).Select(entry => entry.Id)), "read again the ids are the same");
    }

    /// <summary>The statements of a namespace that count as its parser.</summary>
    internal static IReadOnlyList<Type> In(string name) => [.. typeof(BankFile).Assembly.GetTypes().Where(type => type.FullName!.StartsWith("Tsunagi.BackOffice.Bank." + name, StringComparison.Ordinal) && !type.IsEnum)];

    internal static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
