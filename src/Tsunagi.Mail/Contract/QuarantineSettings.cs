using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Tsunagi.Core.Catalogue;
using Tsunagi.Mail.Spool;

namespace Tsunagi.Mail.Contract;

/// <summary>How held mail of one subscription is kept, and what its recipients may do with it themselves.</summary>
public sealed record QuarantineSettings
{
    [Range(1, 365)]
    [Description("Days for which unwanted mail is kept.")]
    [Japanese("迷惑メールの保管(日)", "迷惑メールを保管する日数です。")]
    public int SpamDays { get; init; } = 30;

    [Range(1, 365)]
    [Description("Days for which messages with malware are kept.")]
    [Japanese("ウイルスの保管(日)", "ウイルスを含むメールを保管する日数です。")]
    public int VirusDays { get; init; } = 14;

    [Range(1, 365)]
    [Description("Days for which messages with attachments that are not let through are kept.")]
    [Japanese("添付ファイルの保管(日)", "許可されない添付ファイルのあるメールを保管する日数です。")]
    public int AttachmentDays { get; init; } = 30;

    [Range(1, 365)]
    [Description("Days for which messages kept by a rule are kept.")]
    [Japanese("ルールによる保留(日)", "ルールにより保留したメールを保管する日数です。")]
    public int PolicyDays { get; init; } = 30;

    [Description("What recipients may do with their held mail: release (unwanted mail themselves, the rest on request), request (everything on request), look (nothing).")]
    [Japanese("受信者の操作", "release(迷惑メールは本人が解放、その他は申請)、request(すべて申請)、look(閲覧のみ)から選びます。マルウェアは常に解放できません。")]
    public RecipientActs Recipients { get; init; } = RecipientActs.Release;

    [Description("Recipients with new held mail get a list of it once a day.")]
    [Japanese("通知メール", "新たに保留したメールの一覧を、一日一回受信者へ送ります。")]
    public bool Digest { get; init; } = true;

    [Range(0, 23)]
    [Description("Hour of the day, in the tenant's time zone, from which the list is sent.")]
    [Japanese("通知時刻(時)", "お客様のタイムゾーンで、一覧を送り始める時刻です。")]
    public int DigestHour { get; init; } = 7;

    [Description("Language of the list where a recipient chose none: tenant (as the tenant's), english, japanese.")]
    [Japanese("通知の言語", "受信者が選んでいない場合の言語です。tenant(お客様の設定)、english、japaneseから選びます。")]
    public DigestLanguage DigestLanguage { get; init; } = DigestLanguage.Tenant;

    internal int DaysOf(HoldClass hold) => hold switch
    {
        HoldClass.Spam => SpamDays,
        HoldClass.Virus => VirusDays,
        HoldClass.Attachment => AttachmentDays,
        _ => PolicyDays,
    };
}

/// <summary>What a recipient may do with the own held mail.</summary>
public enum RecipientActs
{
    Release,
    Request,
    Look,
}

/// <summary>Language of the mails to recipients.</summary>
public enum DigestLanguage
{
    Tenant,
    English,
    Japanese,
}
