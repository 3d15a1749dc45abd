using System.ComponentModel.DataAnnotations;
using Tsunagi.BackOffice.Bank;
using Tsunagi.BackOffice.Bank.Matching;
using Tsunagi.BackOffice.Documents;
using Tsunagi.BackOffice.Letters;
using Tsunagi.BackOffice.Tax;

namespace Tsunagi.BackOffice;

/// <summary>The section <c>backoffice</c> of the program's configuration: who writes the invoices, and the limits of a run.</summary>
public sealed record BackOfficeOptions
{
    public IssuerOptions Issuer { get; init; } = new();

    public DocumentOptions Documents { get; init; } = new();

    public BankLimits Bank { get; init; } = new();

    public MatchOptions Matching { get; init; } = new();

    public LetterOptions Letters { get; init; } = new();

    /// <summary>Head of the numbers of invoices: "INV" gives INV-0000001. Numbers of one head have no gap.</summary>
    [RegularExpression("[A-Z0-9]{1,8}")]
    public string InvoiceSeries { get; init; } = "INV";

    /// <summary>Head of the numbers of credit notes.</summary>
    [RegularExpression("[A-Z0-9]{1,8}")]
    public string CreditSeries { get; init; } = "CN";

    /// <summary>Head of the numbers of quotes.</summary>
    [RegularExpression("[A-Z0-9]{1,8}")]
    public string QuoteSeries { get; init; } = "QT";

    /// <summary>Head of the numbers of orders.</summary>
    [RegularExpression("[A-Z0-9]{1,8}")]
    public string OrderSeries { get; init; } = "ORD";

    /// <summary>Head of the numbers of project orders.</summary>
    [RegularExpression("[A-Z0-9]{1,8}")]
    public string ProjectSeries { get; init; } = "PRJ";

    /// <summary>The most milestones of a project, cancelled ones included.</summary>
    [Range(1, 1_000)]
    public int ProjectMilestones { get; init; } = 100;

    /// <summary>How many days a quote may be accepted, unless it says otherwise.</summary>
    [Range(1, 3_650)]
    public int QuoteDays { get; init; } = 30;

    /// <summary>The most items of a quote or order.</summary>
    [Range(1, 1_000)]
    public int OrderItems { get; init; } = 100;

    /// <summary>The tax category of what an early end costs: damages are outside Japan's consumption tax.</summary>
    [AllowedValues("standard", "reduced", "exempt", "outOfScope")]
    public string EarlyTerminationTax { get; init; } = "outOfScope";

    /// <summary>When an invoice is to be paid, unless the account says otherwise: "net:30" is 30 days after its date, "eom:1" the end of the next month.</summary>
    [RegularExpression("(net|eom):[0-9]{1,3}")]
    public string PaymentTerms { get; init; } = "eom:1";

    /// <summary>Accounts whose bills are made from one reading of the store.</summary>
    [Range(1, 1_000)]
    public int AccountsAtATime { get; init; } = 100;

    /// <summary>Accounts whose deferred revenue is released by one transaction when a month is closed.</summary>
    [Range(1, 500)]
    public int ClosedAtATime { get; init; } = 50;

    /// <summary>Invoices issued by one transaction.</summary>
    [Range(1, 200)]
    public int InvoicesAtATime { get; init; } = 40;

    /// <summary>
    /// On PostgreSQL a run takes as known what was recorded so long before it began: longer than a transaction lasts and the clocks of the nodes differ, so that
    /// nothing older is committed behind it.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan LatestCommit { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How many months back a late or corrected fact still changes the next bill. What is older is settled by hand.</summary>
    [Range(1, 120)]
    public int MonthsCorrected { get; init; } = 24;

    /// <summary>The month in which a fiscal year begins: quarters of the reports are of it.</summary>
    [Range(1, 12)]
    public int FiscalYearBegins { get; init; } = 4;

    /// <summary>Where a band of customers by yearly revenue ends and the next begins, in whole units of the currency.</summary>
    [MinLength(1), MaxLength(12)]
    public IReadOnlyList<long> RevenueBands { get; init; } = [100_000, 1_000_000, 10_000_000, 100_000_000];

    /// <summary>The longest span a report is made of, in months.</summary>
    [Range(12, 600)]
    public int ReportMonths { get; init; } = 120;

    /// <summary>Customers a report's list has at most, in the API, CSV and PDF; what is left out is said.</summary>
    [Range(10, 1_000_000)]
    public int ReportRows { get; init; } = 10_000;
}

/// <summary>Who writes the invoices, as printed on them.</summary>
public sealed record IssuerOptions
{
    [MaxLength(200)]
    public string Name { get; init; } = "";

    /// <summary>"T" and 13 digits in Japan (適格請求書発行事業者), the VAT number elsewhere; without it the invoices are no qualified invoices.</summary>
    [MaxLength(20)]
    public string RegistrationNumber { get; init; } = "";

    [MaxLength(12)]
    public string PostalCode { get; init; } = "";

    [MaxLength(6)]
    public IReadOnlyList<string> Address { get; init; } = [];

    [RegularExpression("[A-Z]{2}")]
    public string Country { get; init; } = "JP";

    [MaxLength(40)]
    public string Phone { get; init; } = "";

    [MaxLength(254)]
    public string Email { get; init; } = "";

    /// <summary>The issuer's Peppol participant, "0221:T1234567890123"; without it no document is written as UBL.</summary>
    [RegularExpression("([0-9]{4}:[!-~]{1,50})?")]
    public string ElectronicAddress { get; init; } = "";

    /// <summary>How the tax of a rate is rounded, once an invoice: the issuer's choice.</summary>
    public TaxRounding Rounding { get; init; } = TaxRounding.Floor;

    [MaxLength(80)]
    public string BankName { get; init; } = "";

    [MaxLength(80)]
    public string BankBranch { get; init; } = "";

    [MaxLength(40)]
    public string BankAccount { get; init; } = "";

    [MaxLength(80)]
    public string BankHolder { get; init; } = "";

    internal DocumentParty Party(string provider) => new(Name.Length > 0 ? Name : provider)
    {
        AddressLines = Address, PostalCode = Some(PostalCode), Country = Country, RegistrationNumber = Some(RegistrationNumber), Phone = Some(Phone), Email = Some(Email),
        ElectronicAddress = Some(ElectronicAddress),
    };

    internal BankDetails? Bank() => BankAccount.Length == 0 ? null : new BankDetails(BankName, BankHolder) { BranchName = Some(BankBranch), AccountNumber = BankAccount };

    private static string? Some(string text) => text.Length > 0 ? text : null;
}
