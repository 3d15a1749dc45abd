using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Xml;

namespace Tsunagi.BackOffice.Documents.Ubl;

/// <summary>
/// Writes an issued document as a UBL 2.1 Invoice or CreditNote: JP PINT for an issuer in Japan, Peppol BIS Billing 3.0 elsewhere. The elements stand in the order of the
/// schema. The same document gives the same octets.
/// </summary>
public static class InvoiceUbl
{
    private const string CommonBasic = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2", CommonAggregate = "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2";

    /// <param name="error">What the document lacks for the network, in words; empty when it was written.</param>
    public static bool TryWrite(InvoiceDocument document, [NotNullWhen(true)] out byte[]? xml, out string error)
    {
        ArgumentNullException.ThrowIfNull(document);
        xml = null;
        error = Check(document);
        if (error.Length > 0)
        {
            return false;
        }

        using var stream = new MemoryStream();
        using (var writer = XmlWriter.Create(stream, new XmlWriterSettings { Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), Indent = true, NewLineChars = "\n" }))
        {
            new Writing(document, writer).Write();
        }

        xml = stream.ToArray();
        return true;
    }

    private static string Check(InvoiceDocument document) =>
        document.IsDraft ? "a preview is not sent"
        : document.LinesIncludeTax ? "amounts of lines must be without tax"
        : !IsElectronicAddress(document.Issuer.ElectronicAddress) ? "the issuer has no electronic address of the form scheme:id (0221:T1234567890123)"
        : !IsElectronicAddress(document.Customer.ElectronicAddress) ? "the customer has no electronic address of the form scheme:id (0188:1234567890123)"
        : document.Lines.Count == 0 ? "the document has no line"
        : document.Lines.Sum(line => line.AmountMinor) != document.NetMinor || document.NetMinor + document.TaxMinor != document.TotalMinor ? "the lines and the tax do not add up to the total"
        : document.Kind == DocumentKind.CreditNote && document.CreditedInvoice is null ? "a credit note must name the invoice it corrects"
        : "";

    private static bool IsElectronicAddress([NotNullWhen(true)] string? address) => address is not null && address.IndexOf(':', StringComparison.Ordinal) == 4 && address.Length is > 5 and <= 60 && address.AsSpan(0, 4).IndexOfAnyExceptInRange('0', '9') < 0;

    /// <summary>One document while it is written.</summary>
    private sealed class Writing(InvoiceDocument document, XmlWriter xml)
    {
        private readonly bool _isCredit = document.Kind == DocumentKind.CreditNote;
        private readonly bool _isJapanese = document.Issuer.Country == "JP";

        public void Write()
        {
            var root = _isCredit ? "CreditNote" : "Invoice";
            xml.WriteStartElement("", root, $"urn:oasis:names:specification:ubl:schema:xsd:{root}-2");
            xml.WriteAttributeString("xmlns", "cac", null, CommonAggregate);
            xml.WriteAttributeString("xmlns", "cbc", null, CommonBasic);
            Basic("CustomizationID", _isJapanese ? "urn:peppol:pint:billing-1@jp-1" : "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0");
            Basic("ProfileID", _isJapanese ? "urn:peppol:bis:billing" : "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0");
            Basic("ID", document.Number);
            Basic("IssueDate", Text(document.IssueDate));
            if (!_isCredit && document.DueDate is { } due)
            {
                Basic("DueDate", Text(due));
            }

            Basic(_isCredit ? "CreditNoteTypeCode" : "InvoiceTypeCode", _isCredit ? "381" : "380");
            Basic("Note", string.Join(" ", document.Notes.Prepend(document.Subject ?? "").Where(note => note.Length > 0)));
            Basic("DocumentCurrencyCode", document.Currency);
            Basic("BuyerReference", document.Customer.AccountNumber);
            WritePeriod(document.Period);
            Within("OrderReference", document.PurchaseOrder, () => Basic("ID", document.PurchaseOrder));
            Within("BillingReference", document.CreditedInvoice, WriteCreditedInvoice);
            Within("AccountingSupplierParty", document.Issuer, () => WriteParty(document.Issuer));
            Within("AccountingCustomerParty", document.Customer, () => WriteParty(document.Customer));
            Within("PaymentMeans", document.Bank, WritePaymentMeans);
            Within("TaxTotal", document, WriteTax);
            Within("LegalMonetaryTotal", document, WriteTotals);
            for (var i = 0; i < document.Lines.Count; i++)
            {
                WriteLine(document.Lines[i], i + 1);
            }

            xml.WriteEndElement();
        }

        private void WriteCreditedInvoice() => Within("InvoiceDocumentReference", document.CreditedInvoice, () =>
        {
            Basic("ID", document.CreditedInvoice!.Number);
            Basic("IssueDate", Text(document.CreditedInvoice.IssueDate));
        });

        private void WritePeriod(DocumentPeriod? period) => Within("InvoicePeriod", period, () =>
        {
            Basic("StartDate", Text(period!.Start));
            Basic("EndDate", Text(period.LastDay));
        });

        private void WriteParty(DocumentParty party) => Within("Party", party, () =>
        {
            Basic("EndpointID", party.ElectronicAddress![5..], "schemeID", party.ElectronicAddress[..4]);
            Within("PartyName", party, () => Basic("Name", party.Name));
            Within("PostalAddress", party, () =>
            {
                Basic("StreetName", party.AddressLines.ElementAtOrDefault(0));
                Basic("AdditionalStreetName", string.Join(" ", party.AddressLines.Skip(1)));
                Basic("CityName", party.City);
                Basic("PostalZone", party.PostalCode);
                Within("Country", party, () => Basic("IdentificationCode", party.Country));
            });
            Within("PartyTaxScheme", party.RegistrationNumber, () =>
            {
                Basic("CompanyID", party.RegistrationNumber);
                Within("TaxScheme", party, () => Basic("ID", "VAT"));
            });
            Within("PartyLegalEntity", party, () => Basic("RegistrationName", party.Name));
            Within("Contact", party.Attention ?? party.Phone ?? party.Email, () =>
            {
                Basic("Name", party.Attention);
                Basic("Telephone", party.Phone);
                Basic("ElectronicMail", party.Email);
            });
        });

        private void WritePaymentMeans()
        {
            var bank = document.Bank!;
            Basic("PaymentMeansCode", document.PaymentMethod switch { PaymentMethod.BankTransfer => "30", PaymentMethod.DirectDebit => "49", PaymentMethod.Card => "48", _ => "1" });
            Basic("PaymentID", bank.PaymentReference ?? document.Number);
            Within("PayeeFinancialAccount", bank.Iban ?? bank.AccountNumber, () =>
            {
                Basic("ID", bank.Iban?.Replace(" ", "", StringComparison.Ordinal) ?? bank.AccountNumber);
                Basic("Name", bank.AccountHolder);
                var branch = bank.Bic ?? (bank.BankCode is { } code ? $"{code}-{bank.BranchCode}" : null);
                Within("FinancialInstitutionBranch", branch, () => Basic("ID", branch));
            });
        }

        private void WriteTax()
        {
            Amount("TaxAmount", document.TaxMinor);
            foreach (var subtotal in document.TaxSubtotals)
            {
                Within("TaxSubtotal", subtotal, () =>
                {
                    Amount("TaxableAmount", subtotal.NetMinor);
                    Amount("TaxAmount", subtotal.TaxMinor);
                    WriteCategory("TaxCategory", subtotal.Category, subtotal.RatePercent, withReason: true);
                });
            }
        }

        private void WriteCategory(string name, TaxCategory category, decimal percent, bool withReason) => Within(name, document, () =>
        {
            Basic("ID", Code(category));
            if (category != TaxCategory.OutOfScope)
            {
                Basic("Percent", percent.ToString("0.##", CultureInfo.InvariantCulture));
            }

            Basic("TaxExemptionReason", withReason ? Reason(category) : null);
            Within("TaxScheme", document, () => Basic("ID", "VAT"));
        });

        private void WriteTotals()
        {
            Amount("LineExtensionAmount", document.NetMinor);
            Amount("TaxExclusiveAmount", document.NetMinor);
            Amount("TaxInclusiveAmount", document.TotalMinor);
            Amount("PayableAmount", document.TotalMinor);
        }

        /// <summary>Price and quantity must give the amount (PEPPOL-EN16931-R120): where included quantities or tiers are in it, the line is one unit at its amount and says the rest in words.</summary>
        private void WriteLine(DocumentLine line, int number) => Within(_isCredit ? "CreditNoteLine" : "InvoiceLine", line, () =>
        {
            var amount = Units(line.AmountMinor);
            var isPlain = line.Quantity != 0 && line.UnitPrice != 0 && decimal.Round(line.Quantity * line.UnitPrice, Digits, MidpointRounding.AwayFromZero) == amount;
            var (quantity, price, unit) = isPlain ? (line.Quantity, line.UnitPrice, UnitCode(line.Unit)) : (1m, amount, "C62");
            (quantity, price) = price < 0 ? (-quantity, -price) : (quantity, price);
            Basic("ID", number.ToString(CultureInfo.InvariantCulture));
            Basic(_isCredit ? "CreditedQuantity" : "InvoicedQuantity", Plain(quantity), "unitCode", unit);
            Amount("LineExtensionAmount", line.AmountMinor);
            WritePeriod(line.Period);
            Within("Item", line, () =>
            {
                var words = isPlain ? [line.Service, line.Explanation] : new[] { line.Service, $"{Plain(line.Quantity)} {line.Unit}".Trim(), line.Explanation };
                Basic("Description", string.Join(" / ", words.Where(word => word is { Length: > 0 })));
                Basic("Name", line.Description);
                WriteCategory("ClassifiedTaxCategory", line.TaxCategory, line.TaxRatePercent, withReason: false);
            });
            Within("Price", line, () => Basic("PriceAmount", Plain(price), "currencyID", document.Currency));
        });

        private string Code(TaxCategory category) => category switch
        {
            TaxCategory.Standard => "S",
            TaxCategory.Reduced => _isJapanese ? "AA" : "S",
            TaxCategory.ZeroRated => _isJapanese ? "G" : "Z",
            TaxCategory.Exempt => "E",
            TaxCategory.ReverseCharge => "AE",
            _ => "O",
        };

        private string? Reason(TaxCategory category) => category switch
        {
            TaxCategory.Standard or TaxCategory.Reduced => null,
            TaxCategory.ZeroRated => _isJapanese ? "輸出免税" : null,
            TaxCategory.Exempt => _isJapanese ? "非課税" : "Exempt from tax",
            TaxCategory.ReverseCharge => "Reverse charge",
            _ => _isJapanese ? "不課税" : "Not subject to tax",
        };

        /// <summary>UN/ECE Recommendation 20; "one" when the unit is a word of the trade.</summary>
        private static string UnitCode(string unit) => unit switch
        {
            "GB" => "E34",
            "TB" => "E35",
            "Mbps" or "Mbit/s" => "E20",
            "month" or "か月" or "月" => "MON",
            "day" or "日" => "DAY",
            "hour" or "時間" => "HUR",
            "kWh" => "KWH",
            _ => "C62",
        };

        private int Digits => Core.Rating.Currency.Find(document.Currency)!.MinorDigits;

        private decimal Units(long minor) => minor / (decimal)Core.Rating.Currency.Find(document.Currency)!.MinorPerUnit;

        private static string Plain(decimal value) => value.ToString("0.##########", CultureInfo.InvariantCulture);

        private static string Text(DateOnly date) => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

        private void Amount(string name, long minor) => Basic(name, Units(minor).ToString("F" + Digits, CultureInfo.InvariantCulture), "currencyID", document.Currency);

        /// <summary>Nothing when there is no value: the network refuses empty elements.</summary>
        private void Basic(string name, string? value, string? attribute = null, string? attributeValue = null)
        {
            if (string.IsNullOrEmpty(value))
            {
                return;
            }

            xml.WriteStartElement("cbc", name, CommonBasic);
            if (attribute is not null)
            {
                xml.WriteAttributeString(attribute, attributeValue);
            }

            xml.WriteString(Sound(value));
            xml.WriteEndElement();
        }

        private void Within(string name, object? wanted, Action write)
        {
            if (wanted is not null)
            {
                xml.WriteStartElement("cac", name, CommonAggregate);
                write();
                xml.WriteEndElement();
            }
        }

        /// <summary>Without the characters XML 1.0 has not.</summary>
        private static string Sound(string text) => text.All(c => XmlConvert.IsXmlChar(c) || char.IsSurrogate(c)) ? text : string.Concat(text.EnumerateRunes().Where(rune => !rune.IsBmp || XmlConvert.IsXmlChar((char)rune.Value)));
    }
}
