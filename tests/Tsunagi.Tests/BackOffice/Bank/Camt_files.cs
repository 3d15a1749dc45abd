using System.Text;
using Tsunagi.BackOffice.Bank;
using Tsunagi.BackOffice.Bank.Camt;

namespace Tsunagi.Tests.BackOffice.Bank;

public class Camt_files
{
    internal static string Statement(string version = "08", string entries = "", string opening = "1000.00", string closing = "1000.00", string currency = "EUR") => $"""
        <?xml version="1.0" encoding="UTF-8"?>
        <Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}">
         <BkToCstmrStmt>
          <GrpHdr><MsgId>M1</MsgId><CreDtTm>2026-11-01T06:00:00+01:00</CreDtTm></GrpHdr>
          <Stmt>
           <Id>S1</Id>
           <FrToDt><FrDtTm>2026-10-31T00:00:00+01:00</FrDtTm><ToDtTm>2026-10-31T23:59:59+01:00</ToDtTm></FrToDt>
           <Acct><Id><IBAN>DE89370400440532013000</IBAN></Id><Ccy>{currency}</Ccy></Acct>
           <Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="{currency}">{opening}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-10-31</Dt></Dt></Bal>
           <Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="{currency}">{closing}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-10-31</Dt></Dt></Bal>
           {entries}
          </Stmt>
         </BkToCstmrStmt>
        </Document>
        """;

    internal const string Version2 = """
        <Ntry><Amt Ccy="EUR">505.93</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-10-31</Dt></BookgDt><ValDt><Dt>2026-11-01</Dt></ValDt><AcctSvcrRef>B-1</AcctSvcrRef>
         <NtryDtls><TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs><RltdPties><Dbtr><Nm>Łódź Café &amp; Söhne GmbH</Nm></Dbtr><DbtrAcct><Id><IBAN>DE02120300000000202051</IBAN></Id></DbtrAcct></RltdPties>
         <RmtInf><Ustrd>Invoice</Ustrd><Ustrd>2026-000127</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>
        """;

    internal const string Version8 = """
        <Ntry><NtryRef>1</NtryRef><Amt Ccy="EUR">505.93</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><DtTm>2026-10-31T09:00:00+01:00</DtTm></BookgDt><AcctSvcrRef>B-1</AcctSvcrRef>
         <NtryDtls><TxDtls><RltdPties><Dbtr><Pty><Nm>Łódź Café &amp; Söhne GmbH</Nm></Pty></Dbtr><DbtrAcct><Id><IBAN>DE02120300000000202051</IBAN></Id></DbtrAcct></RltdPties>
         <RmtInf><Strd><CdtrRefInf><Ref>2026-000127</Ref></CdtrRefInf></Strd></RmtInf></TxDtls></NtryDtls></Ntry>
        """;

    internal const string Batch = """
        <Ntry><Amt Ccy="EUR">30.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-10-31</Dt></BookgDt><AcctSvcrRef>B-2</AcctSvcrRef>
         <NtryDtls>
          <TxDtls><Refs><TxId>T1</TxId></Refs><AmtDtls><TxAmt><Amt Ccy="EUR">10.00</Amt></TxAmt></AmtDtls><RltdPties><Dbtr><Nm>A</Nm></Dbtr></RltdPties></TxDtls>
          <TxDtls><Amt Ccy="EUR">20</Amt><CdtDbtInd>CRDT</CdtDbtInd><RltdPties><Dbtr><Nm>B</Nm></Dbtr></RltdPties></TxDtls>
         </NtryDtls></Ntry>
        """;

    internal const string Out = """
        <Ntry><Amt Ccy="EUR">35.93</Amt><CdtDbtInd>DBIT</CdtDbtInd><RvslInd>true</RvslInd><Sts>BOOK</Sts><BookgDt><Dt>2026-10-31</Dt></BookgDt><AddtlNtryInf>Fees</AddtlNtryInf></Ntry>
        """;

    internal const string Pending = """
        <Ntry><Amt Ccy="EUR">999.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>PDNG</Sts></Ntry>
        """;

    [Theory]
    [InlineData("02", Version2, "Invoice 2026-000127")]
    [InlineData("08", Version8, "2026-000127")]
    [InlineData("13", Version8, "2026-000127")]
    public void Versions_say_the_same(string version, string entry, string reference)
    {
        var statement = Assert.Single(Read(Statement(version, entry, closing: "1505.93")));
        Assert.Equal(("DE89370400440532013000", "EUR", 100_000L, 150_593L), (statement.Account, statement.Currency, statement.OpeningMinor!.Value, statement.ClosingMinor!.Value));
        Assert.Equal(new DateOnly(2026, 10, 31), statement.To);
        var read = Assert.Single(statement.Entries);
        Assert.Equal((50_593L, new DateOnly(2026, 10, 31), "Łódź Café & Söhne GmbH", "DE02120300000000202051", reference), (read.AmountMinor, read.BookingDate, read.PayerName, read.PayerAccount, read.Reference));
        Assert.Equal("DE89370400440532013000|20261031||B-1|50593", read.Id);
    }

    [Fact]
    public void A_batch_is_taken_apart_when_its_parts_add_up()
    {
        var entries = Assert.Single(Read(Statement(entries: Batch + Out + Pending, closing: "994.07"))).Entries;
        Assert.Equal([(1_000L, "A"), (2_000L, "B"), (-3_593L, "")], entries.Select(entry => (entry.AmountMinor, entry.PayerName)));
        Assert.True(entries[2].IsReversal);
        Assert.Equal("Fees", entries[2].Reference);
        Assert.Equal(3, entries.Select(entry => entry.Id).Distinct().Count());

        var whole = Assert.Single(Read(Statement(entries: Batch.Replace("20</Amt>", "19</Amt>", StringComparison.Ordinal), closing: "1030"))).Entries;
        Assert.Equal(3_000, Assert.Single(whole).AmountMinor);
    }

    [Theory]
    [InlineData("1000.00", "1505.92", "opening balance and bookings give 150593")]
    [InlineData("1000.001", "1505.93", "amount 1000.001 EUR is no amount of EUR")]
    [InlineData("-1", "1505.93", "is no amount")]
    public void Balances_that_do_not_add_up_refuse_the_file(string opening, string closing, string said) =>
        Assert.Contains(Faults(Statement("02", Version2, opening, closing)), fault => fault.Message.Contains(said, StringComparison.Ordinal));

    [Fact]
    public void Faults_name_line_and_column()
    {
        var fault = Faults(Statement("02", Version2.Replace("<BookgDt><Dt>2026-10-31</Dt>", "<BookgDt><Dt>2026-13-31</Dt>", StringComparison.Ordinal)))[0];
        Assert.Equal((11, "Dt 2026-13-31 is no date"), (fault.Line, fault.Message));
        Assert.True(fault.Column > 50);
    }

    [Theory]
    [InlineData("<!DOCTYPE a [<!ENTITY x \"y\">]><Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\">&x;</Document>", "DTD")]
    [InlineData("<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.054.001.08\"/>", "the root is Document")]
    [InlineData("<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\"/>", "no statement")]
    [InlineData("<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\"><BkToCstmrStmt><Stmt>", "well-formed")]
    [InlineData("<?xml version=\"1.0\" encoding=\"klingon\"?><a/>", "encoding")]
    public void What_is_no_such_file_is_refused(string xml, string said) => Assert.Contains(said, Faults(xml)[0].Message, StringComparison.Ordinal);

    [Fact]
    public void Limits_hold_at_the_limit_and_not_one_past_it()
    {
        var xml = Encoding.UTF8.GetBytes(Statement("02", Version2 + Batch, closing: "1535.93"));
        Assert.True(CamtFile.TryParse(xml, new BankLimits { MaxEntries = 2, MaxFileBytes = xml.Length }, out _, out var faults), string.Join("\n", faults));
        Assert.False(CamtFile.TryParse(xml, new BankLimits { MaxEntries = 1 }, out _, out _));
        Assert.False(CamtFile.TryParse(xml, new BankLimits { MaxFileBytes = xml.Length - 1 }, out _, out _));
        Assert.False(CamtFile.TryParse(xml, new BankLimits { MaxElements = 10 }, out _, out faults));
        Assert.Contains("more than 10 elements", faults[0].Message, StringComparison.Ordinal);
        Assert.False(CamtFile.TryParse(xml, new BankLimits { MaxFieldLength = 21 }, out _, out faults));
        Assert.Contains("more than 21 characters", faults[0].Message, StringComparison.Ordinal);
        var deep = Statement(entries: string.Concat(Enumerable.Repeat("<x>", 40)) + string.Concat(Enumerable.Repeat("</x>", 40)));
        Assert.Contains("nest deeper", Faults(deep)[0].Message, StringComparison.Ordinal);
    }

    private static IReadOnlyList<BankStatement> Read(string xml)
    {
        Assert.True(BankFile.TryRead(Encoding.UTF8.GetBytes(xml), null, default, BankLimits.Default, out var statements, out var faults), string.Join("\n", faults));
        return statements;
    }

    private static IReadOnlyList<BankFault> Faults(string xml)
    {
        Assert.False(BankFile.TryRead(Encoding.UTF8.GetBytes(xml), null, default, BankLimits.Default, out var statements, out var faults));
        Assert.Empty(statements);
        return faults;
    }
}
