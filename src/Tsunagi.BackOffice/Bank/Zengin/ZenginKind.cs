namespace Tsunagi.BackOffice.Bank.Zengin;

/// <summary>The kinds of files that are read (種別コード).</summary>
internal enum ZenginKind
{
    /// <summary>振込入金通知</summary>
    TransfersReceived,

    /// <summary>入出金取引明細</summary>
    Bookings,

    /// <summary>預金口座振替</summary>
    DirectDebits,
}
