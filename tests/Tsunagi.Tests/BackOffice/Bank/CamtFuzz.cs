using Tsunagi.BackOffice.Bank.Camt;

namespace Tsunagi.Tests.BackOffice.Bank;

public sealed class CamtFuzz : BankFuzz
{
    public override string Name => "bank.camt";

    public override IReadOnlyList<Type> Parsers { get; } = In("Camt.");

    internal override Parse Parser => (byte[] file, Tsunagi.BackOffice.Bank.BankLimits limits, out IReadOnlyList<Tsunagi.BackOffice.Bank.BankStatement> statements, out IReadOnlyList<Tsunagi.BackOffice.Bank.BankFault> faults) =>
        CamtFile.TryParse(file, limits, out statements, out faults);

    public override IReadOnlyList<byte[]> Words { get; } =
        [.. Latin1("<Ntry>", "</Ntry>", "<Stmt>", "</Stmt>", "<Amt Ccy=\"JPY\">1</Amt>", "<Amt Ccy=\"XXX\">1</Amt>", "<Amt>1</Amt>", "CRDT", "DBIT", "PDNG", "PRCD", "<![CDATA[x]]>", "<x/>", "<!DOCTYPE a>", "&amp;", "2026-10-31", "0.001", "99999999999999999999")];

    public override byte[] Generate(Random random)
    {
        var entries = string.Concat(Enumerable.Range(0, random.Next(0, 4)).Select(_ => Pick(random, Camt_files.Version2, Camt_files.Version8, Camt_files.Batch, Camt_files.Out, Camt_files.Pending)));
        var xml = Camt_files.Statement(Pick(random, "02", "08"), entries, currency: Pick(random, "EUR", "EUR", "EUR", "JPY", "XXX"));
        return Utf8(random.Next(10) switch
        {
            0 => xml.Replace("<Tp><CdOrPrtry><Cd>CLBD", "<Tp><CdOrPrtry><Cd>PRCD", StringComparison.Ordinal),
            1 => xml.Replace("<Acct>", "<Acct><x/>", StringComparison.Ordinal).Replace("<IBAN>DE89370400440532013000</IBAN>", Pick(random, "", "<Othr><Id>12345</Id></Othr>"), StringComparison.Ordinal),
            2 => xml.Replace("</Nm>", new string('x', random.Next(40, 90)) + "</Nm>", StringComparison.Ordinal),
            3 => xml.Replace("<Id>S1</Id>", string.Concat(Enumerable.Repeat("<a>", 33)) + string.Concat(Enumerable.Repeat("</a>", 33)), StringComparison.Ordinal),
            4 => xml.Replace("<Id>S1</Id>", "<Id>" + string.Concat(Enumerable.Repeat("<a/>", 70)) + "</Id>", StringComparison.Ordinal),
            5 => xml.Replace("2026-10-31", Pick(random, "2026-02-30", "today"), StringComparison.Ordinal),
            6 => xml.Replace("CRDT", Pick(random, "CRDX", ""), StringComparison.Ordinal),
            7 => xml.Replace("UTF-8", Pick(random, "klingon", "utf-16", "iso-8859-1"), StringComparison.Ordinal),
            8 => Camt_files.Statement("02", string.Concat(Enumerable.Repeat(Camt_files.Version2, random.Next(1, 9)))),
            _ => xml.Replace("<Stmt>", Pick(random, "<Stmt>", "<x>"), StringComparison.Ordinal).Replace("</Stmt>", Pick(random, "</Stmt>", "</x>"), StringComparison.Ordinal),
        });
    }
}
