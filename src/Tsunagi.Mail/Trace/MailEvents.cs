using Tsunagi.Core.Events;

namespace Tsunagi.Mail.Trace;

/// <summary>The events of the mail service.</summary>
internal static class MailEvents
{
    public const string Accepted = "mail.message.accepted@1";
    public const string Held = "mail.message.held@1";
    public const string Delivered = "mail.message.delivered@1";
    public const string Deferred = "mail.message.deferred@1";
    public const string Failed = "mail.message.failed@1";
    public const string Dropped = "mail.message.dropped@1";
    public const string Recalled = "mail.message.recalled@1";
    public const string PendingDecided = "mail.message.window@1";
    public const string PendingSent = "mail.pending.sent@1";
    public const string PendingRecalled = "mail.pending.recalled@1";
    public const string RecipientsChanged = "mail.recipients.changed@1";
    public const string NextHopHeld = "mail.next-hop.held@1";
    public const string NextHopReleased = "mail.next-hop.released@1";
    public const string NextHopAway = "mail.next-hop.away@1";
    public const string NextHopBack = "mail.next-hop.back@1";
    public const string NextHopUnused = "mail.next-hop.unused@1";
    public const string Rejected = "mail.message.rejected@1";
    public const string Watched = "mail.message.watched@1";
    public const string PutOff = "mail.message.put-off@1";
    public const string PolicyChanged = "mail.policy.changed@1";
    public const string CheckAway = "mail.check.away@1";
    public const string CheckBack = "mail.check.back@1";
    public const string ListOut = "mail.list.out@1";
    public const string ListBack = "mail.list.back@1";
    public const string ModelUnreadable = "mail.classifier.unreadable@1";
    public const string ModelReadable = "mail.classifier.readable@1";
    public const string ContentOpened = "mail.content.opened@1";

    public const string DirectoryAway = "mail.directory.away@1";
    public const string DirectoryAsks = "mail.directory.asks@1";
    public const string DirectoryBack = "mail.directory.back@1";
    public const string DirectorySet = "mail.directory.set@1";
    public const string DirectoryRemoved = "mail.directory.removed@1";

    public const string DkimPublish = "mail.dkim.publish@1";
    public const string DkimUsed = "mail.dkim.used@1";
    public const string DkimEnded = "mail.dkim.ended@1";
    public const string DkimMissing = "mail.dkim.missing@1";
    public const string DkimFound = "mail.dkim.found@1";
    public const string DkimUnreadable = "mail.dkim.unreadable@1";
    public const string DkimReadable = "mail.dkim.readable@1";
    public const string DkimRotated = "mail.dkim.rotated@1";
    public const string DkimImported = "mail.dkim.imported@1";

    public const string QuarantineHeld = "mail.quarantine.held@1";
    public const string QuarantineReleased = "mail.quarantine.released@1";
    public const string QuarantineRequested = "mail.quarantine.requested@1";
    public const string QuarantineRefused = "mail.quarantine.refused@1";
    public const string QuarantineDeleted = "mail.quarantine.deleted@1";
    public const string QuarantineExpired = "mail.quarantine.expired@1";
    public const string QuarantineUnreadable = "mail.quarantine.unreadable@1";
    public const string QuarantineKept = "mail.quarantine.kept@1";
    public const string QuarantineLetGo = "mail.quarantine.let-go@1";
    public const string ClassifierTaught = "mail.classifier.taught@1";
    public const string ClassifierFull = "mail.classifier.full@1";
    public const string ReportReceived = "mail.report.received@1";
    public const string ReportRefused = "mail.report.refused@1";
    public const string ReportUnreadable = "mail.report.unreadable@1";

    public const string ResolverUnvalidated = "mail.route.unvalidated@1";
    public const string TlsReportSent = "mail.tls-report.sent@1";
    public const string TlsReportUnsent = "mail.tls-report.unsent@1";
    public const string DmarcReportSent = "mail.dmarc-report.sent@1";
    public const string DmarcReportUnsent = "mail.dmarc-report.unsent@1";

    public const string CredentialMade = "mail.credential.made@1";
    public const string CredentialChanged = "mail.credential.changed@1";
    public const string CredentialSecretSet = "mail.credential.secret-set@1";
    public const string CredentialRevoked = "mail.credential.revoked@1";
    public const string CredentialGuessed = "mail.credential.guessed@1";
    public const string CredentialPaused = "mail.credential.paused@1";
    public const string CredentialResumed = "mail.credential.resumed@1";
    public const string SendingLimited = "mail.sending.limited@1";
    public const string ClientLimited = "mail.client.limited@1";
    public const string SubmissionGuessing = "mail.submission.guessing@1";
    public const string SenderRuled = "mail.sender.ruled@1";

    public static readonly IReadOnlyList<EventDeclaration> All =
    [
        new(Accepted, EventSeverity.Info, new("A message was accepted; it is ours until it is delivered or reported on.", "メールを受け付けました(配送または通知まで当社が保持します)。")),
        new(Held, EventSeverity.Notice, new("A message was accepted and kept: the subscription is on hold.", "契約が保留中のため、メールを受け付けて保管しました。"),
            new("Lift the hold; the mail is then delivered.", "保留を解除すると配送されます。")),
        new(Delivered, EventSeverity.Info, new("The next hop took a message.", "次のサーバーがメールを受け取りました。")),
        new(Deferred, EventSeverity.Notice, new("The next hop put a message off; it is tried again.", "次のサーバーが受け取りを延期しました(再送します)。"),
            new("See the next hop's reply on the trace page; it is tried again by itself.", "追跡画面で応答を確認してください。自動的に再送されます。")),
        new(Failed, EventSeverity.Warning, new("A message could not be delivered to some or all recipients; the sender was told.", "一部または全部の宛先に配送できず、送信者に通知しました。"),
            new("See the next hop's reply on the trace page.", "追跡画面で応答を確認してください。")),
        new(Dropped, EventSeverity.Notice, new("A message ended without delivery: a report that nobody takes, or a part that was withdrawn.", "配送されずに終了しました(受け取り手のない通知、または取り消し)。")),
        new(RecipientsChanged, EventSeverity.Notice, new("A list of recipients was replaced.", "宛先一覧が更新されました。")),
        new(NextHopHeld, EventSeverity.Warning, new("An operator stopped delivery to a next hop.", "運用者が配送先への配送を停止しました。"),
            new("Release it on the queue page.", "キュー画面で再開してください。")),
        new(NextHopReleased, EventSeverity.Notice, new("Delivery to a next hop goes on.", "配送先への配送を再開しました。")),
        new(Recalled, EventSeverity.Notice, new("A message was taken back by its sender, or for him, before it left; its sender was told.", "送信前にメールが取り消され、送信者に通知しました。")),
        new(PendingDecided, EventSeverity.Info, new("Of a message that waited before it left something was decided: recipients it goes to now, or that were taken back.", "送信保留中のメールについて、送信または取り消しが決まりました。")),
        new(PendingSent, EventSeverity.Info, new("Somebody let a message that waited before it left go at once.", "送信保留中のメールが直ちに送信されました。")),
        new(PendingRecalled, EventSeverity.Notice, new("Somebody took a message back for one of its recipients before it left.", "送信保留中のメールが、宛先単位で取り消されました。")),
        new(NextHopAway, EventSeverity.Warning, new("A next hop does not answer; its mail waits here, and it is asked again and again.", "配送先が応答しません。メールは当社で保管し、再接続を続けます。"),
            new("Look at that server and at the way to it; its mail follows by itself when it answers.", "サーバーと経路を確認してください。応答が戻れば自動的に配送します。")),
        new(NextHopBack, EventSeverity.Notice, new("A next hop answers again; the mail that waited is being delivered.", "配送先の応答が戻り、待機中のメールを配送しています。")),
        new(NextHopUnused, EventSeverity.Notice, new("No contract sends mail any more to a next hop that did not answer.", "応答のなかった配送先は、どの契約からも使われなくなりました。")),
        new(Rejected, EventSeverity.Notice, new("A message was refused for what was found in it; its sender was told.", "検査の結果、メールの受け取りを拒否し、送信者に通知しました。"),
            new("The trace page says why.", "追跡画面で理由を確認できます。")),
        new(PutOff, EventSeverity.Info, new("A sender that was never here was asked to come again (greylist).", "初めての送信元に再送を求めました(グレーリスト)。")),
        new(Watched, EventSeverity.Info, new("A message of another mail server was judged, and nothing was done about it (shadow).", "別のメールサーバーのメールを判定しました(判定のみ)。")),
        new(PolicyChanged, EventSeverity.Notice, new("A policy for arriving mail was changed.", "受信メールのポリシーが変更されました。")),
        new(CheckAway, EventSeverity.Warning, new("A check of arriving mail does not answer; policies say what becomes of mail meanwhile.", "受信メールの検査が応答しません。その間の扱いはポリシーに従います。"),
            new("Look at the service it asks (clamd, the resolver); checks go on by themselves when it answers.", "検査が利用するサービス(clamd、リゾルバー)を確認してください。応答が戻れば自動的に再開します。")),
        new(CheckBack, EventSeverity.Notice, new("A check of arriving mail answers again.", "受信メールの検査が復旧しました。")),
        new(ListOut, EventSeverity.Warning, new("A block list cannot be believed and is not asked: it holds nothing against anybody meanwhile.", "ブロックリストの応答が正しくないため、照会を停止しました。その間は判定に使用しません。"),
            new("The event says what it answered. Mostly the list does not serve this resolver (use a resolver of your own, or its paid zone), or it was given up: take it out of the policy. It is tested again by itself.", "イベントに応答の内容を記載しています。多くの場合、リストがこのリゾルバーに応答しないか(自社リゾルバーまたは契約ゾーンを使用)、リストの提供が終了しています(ポリシーから削除)。自動的に再確認します。")),
        new(ListBack, EventSeverity.Notice, new("A block list answers as it should again, and is asked.", "ブロックリストの応答が正常に戻り、照会を再開しました。")),
        new(ModelUnreadable, EventSeverity.Warning, new("The classifier's model cannot be read; the one before stays in use, if there was one.", "分類器のモデルを読み込めません。以前のモデルがあれば引き続き使用します。"),
            new("The event says which file and why. Put a readable model there (tsunagi mail train); it is tried again by itself.", "イベントのファイル名と理由を確認し、読み込めるモデルを置いてください(tsunagi mail train)。自動的に再試行します。")),
        new(ModelReadable, EventSeverity.Notice, new("The classifier's model was read again.", "分類器のモデルを再び読み込みました。")),
        new(ContentOpened, EventSeverity.Notice, new("The provider's staff or a partner opened the content of a message, with a reason and for a limited time.", "事業者または取次店の担当者が、理由を示し期限付きでメールの内容を開きました。"),
            new("The audit shows who, when, and the reason given.", "監査記録で担当者、日時、理由を確認できます。")),
        new(DirectoryAway, EventSeverity.Warning, new("A customer's directory cannot be read: its list of recipients stays as it was, and mail to addresses that are not on it is put off, not refused.", "お客様のディレクトリを読み込めません。宛先一覧は以前のまま使用し、一覧にない宛先のメールは拒否せず一時的に保留します。"),
            new("The event says what went wrong. Look at the directory's address, certificate and password on the page of recipients (or tsunagi mail directory test); it is tried again by itself.", "イベントに原因を記載しています。宛先一覧画面または tsunagi mail directory test でアドレス、証明書、パスワードを確認してください。自動的に再試行します。")),
        new(DirectoryAsks, EventSeverity.Warning, new("A customer's directory lacks more than a tenth of the recipients it had: the list stays as it was until somebody says that this is meant.", "お客様のディレクトリから宛先の1割以上がなくなっています。確認されるまで宛先一覧は以前のままです。"),
            new("If they have really gone, say so with their number on the page of recipients (or tsunagi mail directory sync --removes N); else look at the base, the filter and the rights of the name it is read with.", "削除が正しい場合は、宛先一覧画面または tsunagi mail directory sync --removes 件数 で確認してください。そうでない場合は、検索の起点、フィルター、読み取り権限を確認してください。")),
        new(DirectoryBack, EventSeverity.Notice, new("A customer's directory is read again; its list of recipients is as the directory is.", "お客様のディレクトリの読み込みが復旧し、宛先一覧を更新しました。")),
        new(DirectorySet, EventSeverity.Notice, new("A customer's directory was set for a list of recipients.", "宛先一覧のディレクトリが設定されました。")),
        new(DirectoryRemoved, EventSeverity.Notice, new("A customer's directory was removed; its list of recipients stays and is kept by hand.", "宛先一覧のディレクトリが解除されました。一覧は残り、手動で管理します。")),
        new(DkimPublish, EventSeverity.Notice, new("The next signing keys of a domain are made: their records are to be published.", "ドメインの次の署名鍵を作成しました。レコードの公開が必要です。"),
            new("Publish the TXT records that the event and the page of signatures name; the keys are used once they stand in the DNS.", "イベントとDKIM署名画面に示すTXTレコードを公開してください。DNSで確認後、使用を開始します。")),
        new(DkimUsed, EventSeverity.Notice, new("A domain's new signing keys are published and in use.", "ドメインの新しい署名鍵の公開を確認し、使用を開始しました。")),
        new(DkimEnded, EventSeverity.Notice, new("The record of a signing key that was replaced is needed no more.", "交換済みの署名鍵のレコードは不要になりました。"),
            new("Remove the TXT record from the DNS.", "DNSからTXTレコードを削除してください。")),
        new(DkimMissing, EventSeverity.Warning, new("The published record of a signing key in use is missing or differs: signatures of this domain do not verify.", "使用中の署名鍵のレコードが公開されていないか、内容が異なります。署名の検証に失敗します。"),
            new("Publish the TXT record that the event names, exactly as it stands there; the event says what was found.", "イベントに示すTXTレコードをそのまま公開してください。確認した内容もイベントに記載しています。")),
        new(DkimFound, EventSeverity.Notice, new("The record of a signing key in use stands in the DNS again.", "使用中の署名鍵のレコードが再び確認できました。")),
        new(DkimUnreadable, EventSeverity.Warning, new("The private key that a domain's mail is signed with cannot be read: mail that must be signed waits.", "ドメインの署名鍵を読み出せません。署名が必須のメールは待機します。"),
            new("Put the master keys back from the backup if they are gone; else make the next keys (page of signatures) and publish them.", "マスターキーを失った場合はバックアップから戻してください。そうでなければDKIM署名画面で次の鍵を作成し、公開してください。")),
        new(DkimReadable, EventSeverity.Notice, new("The private key that a domain's mail is signed with can be read again; the mail that waited leaves.", "署名鍵を再び読み出せます。待機中のメールを送信します。")),
        new(DkimRotated, EventSeverity.Notice, new("Somebody asked for a domain's next signing keys before their time.", "署名鍵の早期交換が要求されました。")),
        new(DkimImported, EventSeverity.Notice, new("A domain's signing keys were taken over from another mail server.", "他のメールサーバーからドメインの署名鍵を取り込みました。")),
        new(QuarantineHeld, EventSeverity.Info, new("A message was held in quarantine.", "メールを隔離しました。")),
        new(QuarantineReleased, EventSeverity.Notice, new("Somebody released a held message; it goes to its recipient.", "隔離したメールが解放され、宛先へ配送されます。")),
        new(QuarantineRequested, EventSeverity.Notice, new("A recipient asks for a held message to be released.", "受信者が、隔離したメールの解放を申請しました。"),
            new("Release it or refuse on the quarantine page.", "隔離画面で承認または却下してください。")),
        new(QuarantineRefused, EventSeverity.Info, new("A request to release a held message was refused.", "隔離したメールの解放申請が却下されました。")),
        new(QuarantineDeleted, EventSeverity.Notice, new("Somebody deleted a held message.", "隔離したメールが削除されました。")),
        new(QuarantineExpired, EventSeverity.Info, new("Held messages were deleted: their days were over.", "保管期間が過ぎた隔離メールを削除しました。")),
        new(QuarantineUnreadable, EventSeverity.Warning, new("A held message that was released can no longer be read, and was not delivered.", "解放された隔離メールを読み出せず、配送できませんでした。"),
            new("Tell its recipient; look at the disk of the node that kept it.", "受信者に連絡し、保管していたノードのディスクを確認してください。")),
        new(QuarantineKept, EventSeverity.Notice, new("A held message was put under legal hold: it does not expire and cannot be deleted.", "隔離したメールを法的保全としました(期限切れにならず、削除できません)。")),
        new(QuarantineLetGo, EventSeverity.Notice, new("The legal hold of a held message was lifted.", "隔離したメールの法的保全を解除しました。")),
        new(ClassifierTaught, EventSeverity.Info, new("Somebody said of a message that it is spam or that it is not; the tenant's own model learned it.", "メールが迷惑メールか否かの申告があり、お客様専用のモデルに反映しました。")),
        new(ClassifierFull, EventSeverity.Notice, new("A tenant's own model of the classifier has as many examples as it may: from now on the oldest makes room for the newest.", "お客様専用の判定モデルの学習例が上限に達しました。以後、古い例から順に入れ替わります。"),
            new("Nothing need be done; mail.filter.taughtExamples is the limit.", "対応は不要です(上限は mail.filter.taughtExamples)。")),
        new(ReportReceived, EventSeverity.Info, new("A report about a customer's domain was taken in (DMARC or TLS).", "お客様のドメインに関するレポート(DMARCまたはTLS)を受け付けました。")),
        new(ReportRefused, EventSeverity.Notice, new("A report came that was not taken in: its domain is proved by nobody here, or another report of the same id is known.", "レポートを受け付けませんでした。ドメインが未確認か、同じ番号の別のレポートがあります。"),
            new("The event names the domain. If it is a customer's, have its control proved; its record should name the address of reports only then.", "イベントにドメインを記載しています。お客様のものであれば、ドメインの確認を完了してください。")),
        new(ReportUnreadable, EventSeverity.Notice, new("A message for the address of reports holds no report that can be read.", "レポート受付アドレス宛のメールから、レポートを読み取れませんでした。"),
            new("The event says why. The list of reports shows who sent it; nothing need be done about mail of strangers.", "イベントに理由を記載しています。送信元はレポート一覧で確認できます。無関係なメールであれば対応は不要です。")),
        new(ResolverUnvalidated, EventSeverity.Warning, new("DANE is on and never used: the resolver that is declared to validate (mail.outbound.trustResolver) has not validated one answer in hundreds.", "DANEが有効ですが使われていません。検証済みと宣言されたリゾルバー(mail.outbound.trustResolver)が、数百件の応答を一度も検証していません。"),
            new("Put a validating resolver on this machine (unbound with auto-trust-anchor-file) and name it in resolv.conf, or set mail.outbound.trustResolver to false.", "このサーバーに検証を行うリゾルバー(unboundなど)を設置してresolv.confに指定するか、mail.outbound.trustResolver を false にしてください。")),
        new(TlsReportSent, EventSeverity.Info, new("A domain was told how our sessions with its mail servers went (TLS report).", "ドメインに、当社からの送信時のTLSの結果(TLSレポート)を送付しました。")),
        new(TlsReportUnsent, EventSeverity.Notice, new("A domain asked for a TLS report, and it could not be sent to any of its addresses.", "ドメインがTLSレポートを求めていますが、いずれの宛先にも送付できませんでした。"),
            new("The log says why. If our own address (mail.tlsReports.from) is not signed, put its keys in use; what fails at the other side is theirs.", "ログに理由を記載しています。mail.tlsReports.from のドメインの署名鍵が未使用の場合は使用を開始してください。相手側の原因であれば対応は不要です。")),
        new(DmarcReportSent, EventSeverity.Info, new("A domain was told what came here in its name (DMARC report).", "ドメインに、そのドメイン名で届いたメールの結果(DMARCレポート)を送付しました。")),
        new(DmarcReportUnsent, EventSeverity.Notice, new("A domain asked for a DMARC report, and it could not be sent to any of its addresses.", "ドメインがDMARCレポートを求めていますが、いずれの宛先にも送付できませんでした。"),
            new("The log says why. If our own address (mail.dmarcReports.from) is not signed, put its keys in use; what fails at the other side is theirs.", "ログに理由を記載しています。mail.dmarcReports.from のドメインの署名鍵が未使用の場合は使用を開始してください。相手側の原因であれば対応は不要です。")),
        new(CredentialMade, EventSeverity.Notice, new("A credential was made: a device or user may hand mail in by it.", "メール送信用の認証情報を発行しました。")),
        new(CredentialChanged, EventSeverity.Notice, new("Whom a credential may send as was changed.", "認証情報で使用できる差出人を変更しました。")),
        new(CredentialSecretSet, EventSeverity.Notice, new("A credential has a new secret; the one before is no longer good.", "認証情報のシークレットを変更しました。以前のものは使えません。"),
            new("Put the new one into the device.", "機器に新しいシークレットを設定してください。")),
        new(CredentialRevoked, EventSeverity.Notice, new("A credential was revoked: nobody hands mail in by it any more.", "認証情報を失効しました。以後、送信には使えません。")),
        new(CredentialGuessed, EventSeverity.Warning, new("A wrong secret was given for a credential again and again: the device holds an old one, or somebody guesses.", "認証情報のシークレットの誤りが繰り返されています。機器の設定が古いか、推測攻撃の可能性があります。"),
            new("The event names the last address. If that is the device, give it the secret anew; if not, guesses are slowed down by themselves, and a new secret ends what was nearly guessed.", "イベントに最後の接続元を記載しています。機器自身であればシークレットを設定し直してください。そうでない場合、試行は自動的に制限されます。必要に応じてシークレットを変更してください。")),
        new(CredentialPaused, EventSeverity.Warning, new("A credential is paused: it sent to far more recipients in an hour than it used to, as one does that was stolen.", "認証情報の送信を停止しました。1時間の宛先数がこれまでを大きく超えており、不正利用の可能性があります。"),
            new("Look at its messages. If they are not its owner's, give it a new secret first; then resume it on its page. Nothing it handed in before is lost.", "送信したメールを確認してください。身に覚えがなければ先にシークレットを変更し、その後、認証情報の画面で再開してください。受付済みのメールは配送されます。")),
        new(CredentialResumed, EventSeverity.Notice, new("Somebody let a credential that was paused send again.", "停止していた認証情報の送信を再開しました。")),
        new(SendingLimited, EventSeverity.Warning, new("A sender has reached a limit of what it may send; more is put off until the hour or day has gone on.", "送信数が上限に達しました。時間の経過とともに再び送信できます。"),
            new("The event names the limit. If what is sent is right, raise the limit (policy of the tenant, page of the device); if not, revoke the credential.", "イベントに上限の種類を記載しています。正当な送信であれば上限(お客様のポリシー、または認証情報の画面)を引き上げ、そうでなければ認証情報を失効してください。")),
        new(ClientLimited, EventSeverity.Notice, new("An address connects or sends more often than one may; more of it is put off until the window is over.", "接続またはメールの頻度が上限を超えた接続元があります。一定時間、受け付けを延期します。"),
            new("Nothing need be done. If it is a large sender that is welcome, raise mail.inbound.clients or name its network in mail.inbound.clients.exempt.", "対応は不要です。正当な大量送信元であれば mail.inbound.clients の上限を引き上げるか、mail.inbound.clients.exempt に登録してください。")),
        new(SubmissionGuessing, EventSeverity.Warning, new("An address gives wrong names or secrets for handing mail in, again and again; it waits longer each time.", "送信用認証の失敗を繰り返す接続元があります。待ち時間を自動的に延ばしています。"),
            new("Nothing need be done; if it is a customer's, its devices hold old secrets. The firewall may shut it out.", "対応は不要です。お客様の接続元であれば機器の設定が古い可能性があります。必要に応じてファイアウォールで遮断してください。")),
        new(SenderRuled, EventSeverity.Info, new("A sender was allowed or blocked, or such a rule was taken back.", "送信者の許可または拒否が変更されました。")),
    ];
}
