using AngleSharp.Dom;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.AspNetCore.Razor.TagHelpers;
using Rollcall.Web.GovUk;

namespace Rollcall.Tests.Web.GovUk;

/// <summary>The tags as pages write them, through Razor itself.</summary>
public sealed class RazorTests
{
    private const string Hostile = "\"><script>alert('&amp;')</script> & 'é";

    private readonly Specimen page = new();

    private SpecimenModel Model => page.Model;

    private ModelStateDictionary State => page.State;

    [Fact]
    public async Task A_field_takes_id_name_value_and_label_from_the_model()
    {
        Model.Input.FirstName = "Ada";
        var input = (await Section("input")).QuerySelector("input")!;

        Assert.Equal("Input_FirstName", input.Id);
        Assert.Equal("Input.FirstName", input.GetAttribute("name"));
        Assert.Equal("Ada", input.GetAttribute("value"));
        Assert.Equal("First name", Label(input));
        Assert.Equal("Input_FirstName-hint", input.GetAttribute("aria-describedby"));
        Assert.Equal("govuk-input govuk-input--width-20", input.ClassName);
        Same(
            ["given-name", "false", "text"],
            new[] { "autocomplete", "spellcheck", "inputmode" }.Select(input.GetAttribute)
        );
        Assert.Equal("polite", input.GetAttribute("aria-live"));
    }

    [Fact]
    public async Task A_field_with_an_error_shows_it_and_what_was_typed()
    {
        Model.Input.FirstName = "Ada";
        Sent("Input.FirstName", "<b>");
        State.AddModelError("Input.FirstName", "Enter a first name");
        State.AddModelError("Input.FirstName", "Not shown beside the field");
        var section = await Section("input");

        Assert.Equal("<b>", section.QuerySelector("input")!.GetAttribute("value"));
        Assert.Equal("Error: Enter a first name", Words(section.QuerySelector("#Input_FirstName-error")));
        Assert.Equal(
            "Input_FirstName-hint Input_FirstName-error",
            section.QuerySelector("input")!.GetAttribute("aria-describedby")
        );
        Assert.Single(section.QuerySelectorAll(".govuk-form-group--error"));
    }

    [Fact]
    public async Task A_label_of_its_own_can_be_the_heading_and_else_the_property_names_it()
    {
        Assert.Equal(
            "said",
            Words((await Section("input-own-label")).QuerySelector("h1 > label.govuk-label--l[for=Input_LastName]"))
        );
        Assert.Equal("Notes", Label((await Section("textarea")).QuerySelector("textarea")!));
    }

    [Fact]
    public async Task A_password_is_never_sent_back()
    {
        Model.Input.Password = "secret one";
        Sent("Input.Password", "secret two");
        Assert.DoesNotContain("secret", (await Section("password")).InnerHtml, StringComparison.Ordinal);
        Assert.Equal(
            "new-password",
            (await Section("password")).QuerySelector("#Input_Password")!.GetAttribute("autocomplete")
        );
    }

    [Theory]
    [InlineData("two\nlines")]
    [InlineData("\nbegins with a line break")]
    [InlineData("</textarea><script>alert(1)</script>")]
    public async Task Long_text_comes_back_as_it_was_typed(string text)
    {
        Model.Input.Notes = text;
        Assert.Equal(text, (await Section("textarea")).QuerySelector("textarea")!.TextContent);
    }

    [Fact]
    public async Task Choices_are_made_by_the_model_unless_something_else_was_sent()
    {
        Model.Input.Role = "member";
        Model.Input.Areas = ["grants", "bonds"];
        Model.Input.Agrees = true;
        Same(["member", "grants", "bonds"], Checked(await Section("radios")));
        Same(["true"], Checked(await Section("tick")));

        Sent("Input.Role", "admin");
        Sent("Input.Areas", "loans", "bonds");
        Sent("Input.Agrees", "false");
        Same(["admin", "loans", "bonds"], Checked(await Section("radios")));
        Assert.Empty(Checked(await Section("tick")));
    }

    [Fact]
    public async Task Radios_have_a_heading_dividers_and_conditional_questions()
    {
        var radios = await Section("radios");
        Assert.Equal("Which role?", Words(radios.QuerySelector("fieldset > legend.govuk-fieldset__legend--l > h1")));
        Same(
            ["Input_Role", "Input_Role-2", "Input_Role-4"],
            radios.QuerySelectorAll("input[type=radio]").Select(i => i.Id!)
        );
        Assert.Equal("or", Words(radios.QuerySelector(".govuk-radios__divider")));
        Assert.Equal("said", Words(radios.QuerySelector("label[for=Input_Role-2]")));
        Assert.Equal("said", Words(radios.QuerySelector("#Input_Role-item-hint")));
        var conditional = radios.QuerySelector("#conditional-Input_Role-2.govuk-radios__conditional--hidden")!;
        Assert.Equal(3, conditional.QuerySelectorAll("input[name='Input.Areas']").Length);
        Assert.Equal(
            "conditional-Input_Role-2",
            radios.QuerySelector("#Input_Role-2")!.GetAttribute("data-aria-controls")
        );
    }

    [Fact]
    public async Task The_error_summary_follows_the_order_of_the_model_and_links_to_the_fields()
    {
        string[] keys =
        [
            "Input.Agrees",
            "Input.Lines[1].Email",
            "Input.Region",
            "Unknown",
            "Input.Role",
            "Input.FirstName",
            "",
            "Input.Lines[0].Email",
            "Input.FirstName",
        ];
        foreach (var key in keys)
        {
            State.AddModelError(key, $"Error {key}");
        }

        var rendered = await Page();

        Assert.Equal("There is a problem", Words(rendered.QuerySelector("#summary h2")));
        Same(
            [
                "Error: ",
                "Error Input.FirstName: #Input_FirstName",
                "Error Input.FirstName: #Input_FirstName",
                "Error Input.Role: #Input_Role",
                "Error Input.Lines[0].Email: #Input_Lines_0__Email",
                "Error Input.Lines[1].Email: #Input_Lines_1__Email",
                "Error Input.Region: #Input_Region",
                "Error Input.Agrees: #Input_Agrees",
                "Error Unknown: #Unknown",
            ],
            rendered
                .QuerySelectorAll("#summary li")
                .Select(li => $"{Words(li)}: {li.QuerySelector("a")?.GetAttribute("href")}")
        );
        Assert.Equal("#top", rendered.QuerySelector("#summary-fallback li a")!.GetAttribute("href"));
        string[] present = ["Input_FirstName", "Input_Role", "Input_Lines_1__Email", "Input_Region", "Input_Agrees"];
        foreach (var id in present)
        {
            Assert.Single(rendered.QuerySelectorAll("#" + id));
        }
    }

    [Fact]
    public async Task Without_errors_there_is_no_error_summary() =>
        Assert.Equal("", (await Section("summary")).InnerHtml);

    [Fact]
    public async Task The_text_of_an_exception_is_not_shown()
    {
        State.TryAddModelException("Input.Role", new InvalidOperationException("secret"));
        Assert.Equal("Check this answer", Words((await Section("summary")).QuerySelector("li")));
    }

    [Fact]
    public async Task Actions_of_a_summary_row_are_lifted_out_of_its_value()
    {
        var rows = (await Section("list"))
            .QuerySelectorAll(".govuk-summary-card dl.govuk-summary-list--no-border > div")
            .ToList();
        Same(["said value", "Two", "None"], rows.Select(row => Words(row.QuerySelector("dd"))));
        Assert.Equal(
            "Change first name (said)",
            Words(rows[0].QuerySelector("dd.govuk-summary-list__actions > a[href='/edit']"))
        );
        Same(["A (said)", "B (said)"], rows[1].QuerySelectorAll("dd.govuk-summary-list__actions li").Select(Words));
        Assert.Equal(
            [false, false, true],
            rows.Select(row => row.ClassList.Contains("govuk-summary-list__row--no-actions"))
        );
    }

    [Fact]
    public async Task Attributes_that_are_no_options_stay_on_the_element()
    {
        var buttons = (await Section("button")).QuerySelectorAll(".govuk-button");
        Assert.Equal("true", buttons[0].GetAttribute("data-prevent-double-click"));
        Assert.Equal("go", buttons[1].Id);
        Assert.Equal("said", buttons[1].GetAttribute("data-said"));
        Assert.Equal("false", buttons[2].GetAttribute("data-prevent-double-click"));
        Assert.True(buttons[2].HasAttribute("disabled"));
        Assert.Equal(".csv", (await Section("file")).QuerySelector("#Input_File")!.GetAttribute("accept"));
        Assert.Equal("/users?a=1&b=2", (await Section("back")).QuerySelector("a")!.GetAttribute("href"));
    }

    [Fact]
    public async Task A_part_outside_its_component_says_so()
    {
        var context = new TagHelperContext("govuk-conditional", [], new Dictionary<object, object>(), "id");
        var output = new TagHelperOutput(
            "govuk-conditional",
            [],
            (_, _) => Task.FromResult<TagHelperContent>(new DefaultTagHelperContent())
        );
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() =>
            new ChoiceConditional().ProcessAsync(context, output)
        );
        Assert.Contains("<govuk-conditional>", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_the_footer_of_govuk_claims_the_crown()
    {
        Assert.NotEmpty((await Section("footer")).QuerySelectorAll("svg"));
        var plain = await Section("plain-footer");
        Assert.Empty(plain.QuerySelectorAll("svg"));
        Assert.Equal("Support links Privacy", Words(plain));
    }

    [Fact]
    public async Task Hostile_values_stay_text_everywhere()
    {
        Model.Said = Hostile;
        Model.Input.FirstName = Model.Input.Notes = Hostile;
        State.AddModelError("Input.LastName", Hostile);
        var rendered = await Page();

        Assert.Empty(rendered.QuerySelectorAll("script"));
        string[] silent =
        [
            "skip",
            "password",
            "file",
            "line",
            "region",
            "tick",
            "pagination",
            "tag",
            "warning",
            "plain-footer",
            "phase",
            "back",
        ];
        foreach (
            var section in rendered
                .QuerySelectorAll("section")
                .Where(s => !silent.Contains(s.Id, StringComparer.Ordinal))
        )
        {
            var said = section
                .QuerySelectorAll("*")
                .SelectMany(e => e.Attributes.Select(a => a.Value))
                .Append(Words(section));
            Assert.True(
                said.Any(text => text.Contains(Hostile, StringComparison.Ordinal)),
                $"{section.Id}: {section.InnerHtml}"
            );
        }
    }

    private static void Same(string[] expected, IEnumerable<string?> actual) =>
        Assert.Equal(expected, actual, StringComparer.Ordinal);

    private static string Words(IElement? element) => Specimen.Words(element);

    private static string Label(IElement control) => Words(control.Owner!.QuerySelector($"label[for='{control.Id}']"));

    private static IEnumerable<string?> Checked(IElement section) =>
        section.QuerySelectorAll("input[checked]").Select(input => input.GetAttribute("value"));

    private void Sent(string key, params string[] values) => page.Sent(key, values);

    private Task<IElement> Section(string id) => page.Section(id);

    private Task<IDocument> Page() => page.Render();
}
